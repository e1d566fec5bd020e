"""A page that a headless Chromium has open."""

from dataclasses import dataclass, field
from typing import Any


@dataclass
class Opened:
    """A page that is open, with all that it said and asked for since."""

    tab: Any
    said: list = field(default_factory=list)
    asked: list = field(default_factory=list)

    def hover(self, across, down=0.5):
        """Move the pointer over the first chart, so far across and down; the text that appears."""
        box = self.tab.locator("figure:visible canvas").first.bounding_box()
        tooltip = self.tab.locator("#vg-tooltip-element.visible")
        self.tab.mouse.move(0, 0)
        tooltip.wait_for(state="hidden")  # else what it said of another place could be read
        self.tab.mouse.move(box["x"] + box["width"] * across, box["y"] + box["height"] * down)
        tooltip.wait_for()
        return tooltip.inner_text()

    def choose(self, statistic):
        self.tab.get_by_text(statistic, exact=True).click()
        self.wait_for(statistic)

    def until(self, holds):
        """Until something holds that the page does by and by; ten seconds are for ever."""
        for _ in range(100):
            if holds():
                return
            self.tab.wait_for_timeout(100)
        raise AssertionError("it never came to be")

    def wait_for(self, shown):
        """Until the page has drawn a statistic, or in a colour scheme."""
        self.tab.locator(f"body[data-ready*='{shown}']").wait_for()
