"""Follows every link and picture of the HTML pages in a folder: each must lead to a file and a place within the folder,
or elsewhere by https."""
import html.parser
import pathlib
import sys
import urllib.parse


class Page(html.parser.HTMLParser):
    """The links of a page, and the places in it that a link can lead to."""

    def __init__(self, path):
        super().__init__()
        self.links, self.places = [], set()
        self.feed(path.read_text())

    def handle_starttag(self, tag, attributes):
        for name, value in attributes:
            if name in ("href", "src"):
                self.links.append(value)
            elif name == "id":
                self.places.add(value)


root = pathlib.Path(sys.argv[1]).resolve()
pages = {path: Page(path) for path in root.rglob("*.html")}
count = dead = 0
for path, page in pages.items():
    for link in page.links:
        count += 1
        url = urllib.parse.urlsplit(link)
        if url.scheme in ("https", "http"):
            continue
        target = (path.parent / urllib.parse.unquote(url.path)).resolve() if url.path else path
        if not (target.is_file() and root in target.parents):
            reason = "which is not there"
        elif url.fragment and url.fragment not in pages[target].places:
            reason = "but there is no such place"
        else:
            continue
        dead += 1
        print(f"{path.relative_to(root)} leads to {link}, {reason}")
print(f"{len(pages)} pages, {count} links, {dead} of them dead")
sys.exit(dead > 0)
