"""python -m tools.docs: writes the generated parts of the reference anew."""

from tools.docs.parts import DOCS, PARTS, with_parts

if __name__ == "__main__":
    for page in sorted({part.page for part in PARTS}):
        path = DOCS / page
        before = path.read_text(encoding="utf-8")
        after = with_parts(page, before)
        path.write_text(after, encoding="utf-8")
        print(f"{page}: {'unchanged' if after == before else 'written'}")
