import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
from jinja2 import UndefinedError

from idp.web.rendering import Renderer, template_folder
from idp.web.static_files import StaticFiles
from idp.web.views import (
    LOCALES,
    ActivatePage,
    ConsentPage,
    EnrolOtpPage,
    ErrorPage,
    ErrorView,
    FormPage,
    FormPostPage,
    Locale,
    MethodsPage,
    PageView,
    Refusal,
    SharedItem,
    SignInPage,
)
from tests.browser.page_samples import CODES, LOGO, SECRET, samples

VOID = {"area", "base", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"}


class Document(HTMLParser):
    """A page as a list of elements, its nesting checked while it is read."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None], list[str]]] = []
        self.open: list[tuple[str, list[str]]] = []
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len(dict(attrs)) == len(attrs), f"an attribute is repeated on {tag}"
        text: list[str] = []
        self.elements.append((tag, dict(attrs), text))
        if tag not in VOID:
            self.open.append((tag, text))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs), []))

    def handle_endtag(self, tag: str) -> None:
        assert self.open, f"{tag} is closed but was never opened"
        assert self.open.pop()[0] == tag

    def handle_data(self, data: str) -> None:
        for _, text in self.open:
            text.append(data)

    def all(self, tag: str, **attributes: str) -> list[dict[str, str | None]]:
        return [
            found
            for name, found, _ in self.elements
            if name == tag and all(found.get(key.rstrip("_")) == value for key, value in attributes.items())
        ]

    def text(self, tag: str, **attributes: str) -> str:
        for name, found, text in self.elements:
            if name == tag and all(found.get(key.rstrip("_")) == value for key, value in attributes.items()):
                return " ".join("".join(text).split())
        raise AssertionError(f"no {tag} {attributes}")


@pytest.fixture(scope="module")
def renderer() -> Renderer:
    return Renderer(StaticFiles())


ALL_PAGES = [
    pytest.param(locale, name, id=f"{name}-{locale}") for locale in LOCALES for name in sorted(samples(locale))
]


def read(renderer: Renderer, view: PageView) -> Document:
    return Document(renderer.page(view).decode())


@pytest.mark.parametrize(("locale", "name"), ALL_PAGES)
def test_a_page_names_its_language_and_has_one_main_and_one_heading(
    renderer: Renderer, locale: Locale, name: str
) -> None:
    page = read(renderer, samples(locale)[name])
    assert page.all("html", lang=locale)
    assert len(page.all("main")) == 1
    assert len(page.all("h1")) == 1
    assert page.text("h1") in page.text("title")
    identifiers = [found["id"] for _, found, _ in page.elements if "id" in found]
    assert len(identifiers) == len(set(identifiers))


@pytest.mark.parametrize(("locale", "name"), ALL_PAGES)
def test_a_page_has_no_inline_style_and_no_script_but_the_hashed_one(
    renderer: Renderer, locale: Locale, name: str
) -> None:
    view = samples(locale)[name]
    page = read(renderer, view)
    scripts = page.all("script")
    assert len(scripts) == (1 if isinstance(view, FormPostPage) else len(view.scripts))
    assert isinstance(view, FormPostPage) or all(str(found["src"]).startswith("/static/") for found in scripts)
    assert page.all("style") == []
    for _, found, _ in page.elements:
        assert not [attribute for attribute in found if attribute == "style" or attribute.startswith("on")]


@pytest.mark.parametrize(("locale", "name"), ALL_PAGES)
def test_every_form_of_ours_is_a_post_with_the_token(renderer: Renderer, locale: Locale, name: str) -> None:
    view = samples(locale)[name]
    if isinstance(view, FormPostPage):
        return
    page = read(renderer, view)
    forms = page.all("form")
    assert all(form["method"] == "post" and str(form["action"]).startswith("/") for form in forms)
    assert len(page.all("input", type="hidden", name="csrf_token", value="sample")) == len(forms)


def test_titles_tell_the_pages_apart(renderer: Renderer) -> None:
    for locale in LOCALES:
        titles: dict[str, set[str]] = {}
        for view in samples(locale).values():
            page = read(renderer, view)
            titles.setdefault(page.text("title"), set()).add(view.template)
        assert [kinds for kinds in titles.values() if len(kinds) > 1] == []


CONTRACT = [
    ("sign-in", "sign-in", ["username", "password"], ["submit"]),
    ("otp", "otp", ["code"], ["submit"]),
    ("recovery", "recovery", ["code"], ["submit"]),
    ("methods", "methods", ["method", "method"], ["submit"]),
    ("activate", "activate", ["code"], ["submit"]),
    ("enrol-otp", "enrol-otp", ["code"], ["submit"]),
    ("recovery-codes", "recovery-codes", ["saved"], ["submit"]),
    ("consent", "consent", [], ["deny", "allow"]),
    ("sign-out", "sign-out", [], ["no", "yes"]),
]


@pytest.mark.parametrize(("name", "form", "fields", "buttons"), CONTRACT, ids=[row[0] for row in CONTRACT])
def test_forms_fields_and_buttons_are_named_as_the_contract_says(
    renderer: Renderer, name: str, form: str, fields: list[str], buttons: list[str]
) -> None:
    page = read(renderer, samples("vi")[name])
    assert page.all("form", id=form)
    visible = [found["name"] for found in page.all("input") if found["type"] != "hidden"]
    assert visible == fields
    assert [found["id"] for found in page.all("button") if "id" in found] == buttons


def test_decisions_are_sent_by_the_button_that_is_pressed(renderer: Renderer) -> None:
    consent = read(renderer, samples("vi")["consent"])
    assert [(found["name"], found["value"]) for found in consent.all("button")] == [
        ("decision", "deny"),
        ("decision", "allow"),
    ]
    leave = read(renderer, samples("vi")["sign-out"])
    assert [(found["name"], found["value"]) for found in leave.all("button")] == [
        ("decision", "no"),
        ("decision", "yes"),
    ]


def test_browsers_are_told_what_each_field_is_for(renderer: Renderer) -> None:
    sign_in = read(renderer, samples("vi")["sign-in"])
    assert sign_in.all("input", id="username", autocomplete="username")
    assert sign_in.all("input", id="password", type="password", autocomplete="current-password")
    otp = read(renderer, samples("vi")["otp"])
    assert otp.all("input", name="code", autocomplete="one-time-code", inputmode="numeric")


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("refusal", Refusal)
def test_a_refusal_says_what_happened_and_keeps_the_user_name(
    renderer: Renderer, locale: Locale, refusal: Refusal
) -> None:
    view = SignInPage(
        locale=locale,
        csrf_token="t",
        form_action="/sign-in",
        username='<"an">',
        error=ErrorView(refusal, wait_seconds=90),
    )
    page = read(renderer, view)
    assert page.all("div", id="error", role="alert")
    assert ("90 giây" if locale == "vi" else "90 seconds") in page.text("div", id="error")
    assert page.all("input", id="username", value='<"an">')
    assert page.text("title").startswith({"vi": "Lỗi: ", "en": "Error: "}[locale])


@pytest.mark.parametrize(
    ("seconds", "told"), [(1, "1 second"), (119, "119 seconds"), (120, "2 minutes"), (121, "3 minutes")]
)
def test_a_wait_is_never_told_too_short(renderer: Renderer, seconds: int, told: str) -> None:
    view = samples("en")["otp-refused"]
    assert isinstance(view, FormPage)
    page = read(renderer, replace(view, error=ErrorView(Refusal.SLOW_DOWN, wait_seconds=seconds)))
    assert page.text("div", id="error").endswith(f"Try again in {told}.")


def test_without_a_refusal_nothing_is_an_error(renderer: Renderer) -> None:
    assert "error" not in {found.get("id") for _, found, _ in read(renderer, samples("en")["otp"]).elements}


def test_the_password_is_never_sent_back(renderer: Renderer) -> None:
    page = read(renderer, samples("vi")["sign-in-refused"])
    assert "value" not in page.all("input", id="password")[0]


@pytest.mark.parametrize("name", [name for name, view in samples("vi").items() if isinstance(view, SignInPage)])
def test_the_service_that_asks_is_named_with_logo_and_papers(renderer: Renderer, name: str) -> None:
    view = samples("vi")[name]
    page = read(renderer, view)
    if view.client is None:
        assert page.all("img") == []
        return
    assert page.text("strong", class_="service") == view.client.name
    assert [found["src"] for found in page.all("img")] == ([LOGO] if view.client.logo_uri else [])
    for paper in filter(None, (view.client.policy_uri, view.client.tos_uri)):
        assert page.all("a", href=paper)


@pytest.mark.parametrize("name", ["sign-in-stranger", "consent-stranger"])
def test_a_service_that_registered_itself_is_not_taken_for_another(renderer: Renderer, name: str) -> None:
    view = samples("en")[name]
    assert view.client is not None
    said = read(renderer, view).text("p", class_="itself")
    assert said == (
        f"This service registered itself. We have not checked who runs it. You will be taken to {view.client.leads_to}."
    )
    assert not read(renderer, samples("en")["sign-in-asks"]).all("p", class_="itself")


def test_a_public_service_says_what_it_receives_instead_of_asking(renderer: Renderer) -> None:
    told = read(renderer, samples("vi")["sign-in"]).text("p", class_="receives")
    assert told == (
        "Thông tin được gửi: Họ tên và thông tin cơ bản · Số định danh cá nhân và mức độ định danh · "
        "Thư điện tử · Số điện thoại"
    )
    assert not read(renderer, samples("vi")["sign-in-asks"]).all("p", class_="receives")


def test_what_a_service_receives_is_said_once_even_when_scope_and_claim_overlap(renderer: Renderer) -> None:
    view = samples("en")["sign-in"]
    assert view.client is not None
    page = read(renderer, replace(view, client=replace(view.client, receives=("phone", "phone_number", "email"))))
    assert page.text("p", class_="receives") == "It receives: Phone number · E-mail"


def test_what_is_shared_is_listed_with_value_and_purpose_and_sensitive_things_are_announced(
    renderer: Renderer,
) -> None:
    view = samples("vi")["consent"]
    assert isinstance(view, ConsentPage)
    shared = (
        SharedItem("birthdate", "1999-01-02", purpose="Để kiểm tra tuổi"),
        SharedItem("gender", "female", purpose="Để xưng hô"),
        SharedItem("birthdate", "0000-01-02", purpose="-"),
        SharedItem("unheard_of", label="Nhóm máu", sensitive=True),
        SharedItem("x:unknown", "1"),
    )
    page = read(renderer, replace(view, shared=shared))
    text = page.text("ul", class_="shared")
    assert (
        text == "Ngày sinh 2 tháng 1, 1999 Để kiểm tra tuổi Giới tính Nữ Để xưng hô Ngày sinh 0000-01-02 - "
        "Nhóm máu Nhạy cảm x:unknown 1"
    )
    assert "nhạy cảm" in page.text("p", class_="notice warn")
    assert not read(renderer, replace(view, shared=shared[:1])).all("p", class_="notice warn")


def test_the_secret_reads_as_it_is_though_it_is_shown_in_groups(renderer: Renderer) -> None:
    page = read(renderer, samples("vi")["enrol-otp"])
    assert page.text("code", id="totp-secret") == SECRET
    assert page.all("svg", role="img")


def test_the_address_of_the_authenticator_is_a_link_for_phones(renderer: Renderer) -> None:
    view = samples("vi")["enrol-otp"]
    assert isinstance(view, EnrolOtpPage)
    assert read(renderer, view).all("a", href=view.otpauth_uri)


def test_recovery_codes_stand_each_in_a_code_of_the_form(renderer: Renderer) -> None:
    html = renderer.page(samples("vi")["recovery-codes"]).decode()
    form = html[html.index('<form id="recovery-codes"') : html.index("</form>")]
    listed = form[form.index('id="codes"') : form.index("</ol>")]
    assert tuple(re.findall(r"<code>([^<]+)</code>", listed)) == CODES


def test_another_code_is_asked_for_by_a_form_of_its_own(renderer: Renderer) -> None:
    page = read(renderer, samples("vi")["activate"])
    assert [found["id"] for found in page.all("form")] == ["activate", "resend"]
    counter = samples("vi")["activate-counter"]
    assert isinstance(counter, ActivatePage)
    assert [found["id"] for found in read(renderer, counter).all("form")] == ["activate"]


def test_no_way_is_offered_that_is_not_there(renderer: Renderer) -> None:
    view = samples("vi")["methods"]
    assert isinstance(view, MethodsPage)
    page = read(renderer, replace(view, methods=view.methods[:1]))
    assert [found["value"] for found in page.all("input", name="method")] == ["otp"]
    assert [found["id"] for found in read(renderer, samples("vi")["sign-in"]).all("button")] == ["submit"]


def test_a_signed_out_page_says_so_to_machines_too(renderer: Renderer) -> None:
    assert read(renderer, samples("vi")["signed-out"]).all("main", **{"data-state": "signed-out"})


@pytest.mark.parametrize("locale", LOCALES)
def test_an_error_page_carries_its_code_and_the_number_of_the_request(renderer: Renderer, locale: Locale) -> None:
    page = read(renderer, ErrorPage(locale=locale, code='odd"<code>', request_id="r-1"))
    assert page.all("main", **{"data-error": 'odd"<code>'})
    assert page.text("code", id="request-id") == "r-1"


def test_the_form_post_page_carries_its_parameters_and_a_button(renderer: Renderer) -> None:
    view = samples("vi")["form-post"]
    assert isinstance(view, FormPostPage)
    page = read(renderer, replace(view, parameters=(("state", '"><script>x</script>'),)))
    assert page.all("form", method="post", action="https://portal.example/callback")
    assert page.all("input", type="hidden", name="state", value='"><script>x</script>')
    assert page.all("button", type="submit")
    assert page.text("script") == "document.forms[0].submit()"


def test_what_people_and_services_call_themselves_is_never_markup(renderer: Renderer) -> None:
    for locale in LOCALES:
        for view in samples(locale).values():
            if view.client is not None:
                html = renderer.page(replace(view, client=replace(view.client, name="<i>&x"))).decode()
                assert "<i>" not in html


def test_each_form_page_can_be_refused(renderer: Renderer) -> None:
    for view in samples("en").values():
        if isinstance(view, FormPage):
            page = read(renderer, replace(view, error=ErrorView(Refusal.FORM_EXPIRED)))
            assert page.text("div", id="error").startswith("This page was open for too long.")


@pytest.mark.parametrize("locale", LOCALES)
def test_every_template_can_be_compiled(renderer: Renderer, locale: Locale) -> None:
    folder = template_folder()
    names = [path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()]
    assert len(names) > 100
    assert {renderer._template(locale, name).name for name in names} == set(names)


def test_a_page_is_drawn_from_what_was_there_at_the_start(tmp_path: Path) -> None:
    (tmp_path / "pages").mkdir()
    (tmp_path / "pages" / "otp.html").write_text("at the start")
    renderer = Renderer(StaticFiles(), templates=tmp_path)
    (tmp_path / "pages" / "otp.html").write_text("after an upgrade")
    assert renderer.page(samples("vi")["otp"]) == b"at the start"


def test_a_template_that_asks_for_what_no_view_has_breaks_loudly(tmp_path: Path) -> None:
    (tmp_path / "pages").mkdir()
    (tmp_path / "pages" / "otp.html").write_text("{{ view.nothing }}")
    renderer = Renderer(StaticFiles(), templates=tmp_path)
    with pytest.raises(UndefinedError):
        renderer.page(samples("vi")["otp"])


def test_templates_are_found_in_the_package_or_beside_it(tmp_path: Path) -> None:
    package = tmp_path / "idp"
    package.mkdir()
    assert template_folder(package) == tmp_path / "templates"
    (package / "_templates").mkdir()
    assert template_folder(package) == package / "_templates"
