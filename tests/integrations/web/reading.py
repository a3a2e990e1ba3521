"""Reading a page as a person does: the text of its messages, the forms and what is in their fields."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = {"input", "img", "meta", "link", "br", "hr", "path", "rect", "circle"}
BLOCKS = {"p", "div", "h1", "h2", "dt", "dd", "li", "tr", "td", "th", "option", "button", "article", "label", "legend"}


@dataclass
class Element:
    tag: str
    attributes: dict[str, str]
    children: list[Element | str] = field(default_factory=list)

    def all(self, tag: str, **attributes: str) -> list[Element]:
        """Every element of a tag below this one, with these attributes."""
        found: list[Element] = []
        for child in self.children:
            if isinstance(child, Element):
                if child.tag == tag and attributes.items() <= child.attributes.items():
                    found.append(child)
                found.extend(child.all(tag, **attributes))
        return found

    @property
    def text(self) -> str:
        """What is read, a line per block; pictures by the text that stands for them."""
        lines = (" ".join(line.split()) for line in self._raw().split("\n"))
        return "\n".join(line for line in lines if line)

    def _raw(self) -> str:
        if self.tag == "img":
            return f"\n{self.attributes.get('alt', '')}\n"
        inner = "".join(
            child._raw() if isinstance(child, Element) else child.replace("\n", " ") for child in self.children
        )
        return f"\n{inner}\n" if self.tag in BLOCKS else inner


class _Tree(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.root = Element("", {})
        self.open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, {name: value or "" for name, value in attrs})
        self.open[-1].children.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            closed = self.open.pop()
            assert closed.tag == tag, f"<{closed.tag}> is closed by </{tag}>"

    def handle_data(self, data: str) -> None:
        self.open[-1].children.append(data)


def page(html: str) -> Element:
    """A page as a tree; one that is not well formed fails."""
    tree = _Tree()
    tree.feed(html)
    assert tree.open == [tree.root], f"<{tree.open[-1].tag}> is never closed"
    return tree.root


def messages(html: str) -> list[str]:
    """The text of each message of a conversation."""
    return [article.text for article in page(html).all("article")]


def fields(form: Element) -> dict[str, str]:
    """What a browser would send of a form as it stands, its buttons aside."""
    sent = {one.attributes["name"]: one.attributes.get("value", "") for one in form.all("input") if _is_sent(one)}
    sent |= {one.attributes["name"]: "".join(map(str, one.children)).removeprefix("\n") for one in form.all("textarea")}
    for select in form.all("select"):
        options = select.all("option")
        chosen = [one for one in options if "selected" in one.attributes] or options[:1]
        sent[select.attributes["name"]] = chosen[0].attributes["value"]
    return sent


def form_to(html: str, action: str, *, number: int = -1) -> dict[str, str]:
    """The fields of a page's form that goes to an address."""
    return fields(page(html).all("form", action=action)[number])


def button(html: str, label: str) -> dict[str, str]:
    """What pressing the newest button of a label sends."""
    for form in reversed(page(html).all("form", action="/chat/press")):
        for one in form.all("button"):
            if one.text == label:
                return fields(form) | {one.attributes["name"]: one.attributes["value"]}
    raise AssertionError(f"there is no button {label!r}")


def _is_sent(one: Element) -> bool:
    return one.attributes.get("type") not in ("checkbox", "radio") or "checked" in one.attributes
