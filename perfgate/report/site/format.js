// Numbers as people read them, as perfgate.units has them.
const format = (() => {
  const MOST_DECIMALS = 20;

  function grouped(value, decimals = 0) {
    const options = { minimumFractionDigits: decimals, maximumFractionDigits: decimals };
    return value.toLocaleString("en-US", options);
  }

  function significant(value) {
    if (value === 0) return "0";
    return grouped(value, Math.min(MOST_DECIMALS, Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value))))));
  }

  function bytes(value) {
    for (const [unit, size] of [["GB", 1e9], ["MB", 1e6], ["kB", 1e3]]) {
      if (Math.abs(value) >= size) return `${significant(value / size)} ${unit}`;
    }
    return `${grouped(value)} B`;
  }

  const FORMATS = {
    ms: (value) => (Math.abs(value) >= 1000 ? `${significant(value / 1000)} s` : `${significant(value)} ms`),
    fraction: (value) => (value === 0 ? "0 %" : `${significant(value * 100)} %`),
    per_second: (value) => `${value < 1000 ? significant(value) : grouped(value)}/s`,
    bytes,
    count: (value) => grouped(value),
    number: (value) => (Math.abs(value) < 1000 ? significant(value) : grouped(value)),
  };

  const value = (number, unit) => (typeof number === "number" ? FORMATS[unit](number) : "–");
  // Unix seconds, in UTC.
  const minute = (seconds) => `${new Date(seconds * 1000).toISOString().slice(0, 16).replace("T", " ")} UTC`;
  return { value, minute, grouped };
})();
