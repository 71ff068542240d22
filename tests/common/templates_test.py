from attention_vat.common.templates import printable, render


def test_control_characters_do_not_reach_a_page():
    assert printable("<\0&\x1b\x85\ud83d\n\t\u200d>") == "<\ufffd&\ufffd\ufffd\ufffd\n\t\u200d>"


def test_what_is_put_into_a_page_is_text():
    word = [("<b>\0", 1.0, 1.0)]
    page = render("reports/templates/attention_view.html.jinja", lines=[("\"&'<i>", word)])
    assert "&#34;&amp;&#39;&lt;i&gt;<br>" in page
    assert "<bdi>&lt;b&gt;\ufffd</bdi>" in page
