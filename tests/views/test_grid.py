"""Letters in rows and columns: nothing that is written is cut off."""

from xml.etree import ElementTree

from lambda_sandbox.views import grid


def test_title_and_legend_fit_into_the_drawing_and_a_legend_says_only_what_occurs() -> None:
    words = {"o": "done", "x": "to be tried again", ">": "set aside", "?": "on its way"}
    drawn = ElementTree.fromstring(grid.svg("1 message in 2 batches", [("message 1", "xo")], ["1", "2"], words))
    texts = [text.text or "" for text in drawn.findall(".//{*}text")]
    assert texts[-1] == "o done · x to be tried again"
    assert float(drawn.get("width", 0)) >= 7 * max(map(len, texts))
