from tests.browser.chromium import chrome, page

__all__ = ["chrome", "page"]
