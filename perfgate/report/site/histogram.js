// Histograms as the history keeps them: perfgate.history.histogram_codec says how.
const histogram = (() => {
  const LOG_GROWTH = Math.log(1.01 / 0.99);
  const HEADER_ORDER = 8;
  const LAST_BUCKET = 2200;

  class Bits {
    constructor(text) {
      this.bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
      this.place = 0;
    }

    bit() {
      if (this.place >= this.bytes.length * 8) throw new RangeError("it ends in the middle of a number");
      const found = (this.bytes[this.place >> 3] >> (7 - (this.place & 7))) & 1;
      this.place += 1;
      return found;
    }

    // An exponential Golomb code of an order.
    number(order) {
      let digits = order;
      while (!this.bit()) digits += 1;
      let found = 1;
      for (; digits > 0; digits -= 1) found = found * 2 + this.bit();
      return found - 2 ** order;
    }
  }

  // Milliseconds with their counts, from the least.
  function unpack(text) {
    const bits = new Bits(text);
    const first = bits.number(HEADER_ORDER);
    const last = first + bits.number(HEADER_ORDER);
    if (last > LAST_BUCKET) throw new RangeError("its values are too large");
    let sum = 16;
    let count = 0;
    const found = [];
    for (let bucket = first; bucket <= last; bucket += 1) {
      const order = Math.max(0, Math.floor(sum / 4).toString(2).length - 1);
      const folded = bits.number(order);
      sum += folded - Math.floor(sum / 4);
      count += folded % 2 ? -(folded + 1) / 2 : folded / 2;
      if (count > 0) found.push([(Math.exp(bucket * LOG_GROWTH) * 0.99) / 1e6, count]);
    }
    return found;
  }

  const BEYOND = 10; // a quantile needs some requests beyond it to mean anything
  const SHARES = [...Array.from({ length: 99 }, (_, place) => (place + 1) / 100), 0.995, 0.999];

  // Shares of the requests, with the time that they were answered within.
  function quantiles(counted) {
    const total = counted.reduce((sum, [, count]) => sum + count, 0);
    const shown = SHARES.filter((share) => share === 0.5 || total * Math.min(share, 1 - share) >= BEYOND);
    let place = 0;
    let before = 0; // requests below the bucket
    return shown.map((share) => {
      while (before + counted[place][1] < share * total && place < counted.length - 1) before += counted[place++][1];
      const [middle, count] = counted[place];
      return [share, middle * Math.exp(((share * total - before) / count - 0.5) * LOG_GROWTH)];
    });
  }

  return { unpack, quantiles };
})();
