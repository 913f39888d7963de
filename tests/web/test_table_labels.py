from idp.web.table_labels import labelled

HEAD = (
    '<thead><tr><th scope="col">Key</th><th scope="col">For &amp; <i>since</i></th><th scope="col"></th></tr></thead>'
)
TABLE = f'<table class="grid">{HEAD}<tbody>%s</tbody></table>'


def test_a_cell_carries_the_heading_of_its_column_and_the_first_names_itself() -> None:
    row = '<tr id="r">\n<th scope="row">k</th><td class="figures">x</td><td>y</td></tr>'
    told = row.replace('<td class="figures">', '<td data-label="For &amp; since" class="figures">')
    assert labelled(f"<p>{TABLE % (row * 2)}</p>") == f"<p>{TABLE % (told * 2)}</p>"


def test_what_is_no_list_stays_as_it_is() -> None:
    for page in ("", "<td>", '<table class="bars"><tr><td>1</td></tr></table>', TABLE % "", TABLE % "<tr><td>"):
        assert labelled(page) == page


def test_more_cells_than_headings_have_no_label() -> None:
    assert labelled('<table class="grid"><tbody><tr><td>1</td></tr></tbody></table>').count("data-label") == 0
