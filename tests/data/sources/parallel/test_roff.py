import pytest

from lengthwise.data.sources.parallel.roff import plain, sections

PAGE = r"""'\" t
.\" a remark
.TH TINY 1
.if n .ad l
.SH NAME
tiny \- a small program
.SH "WHAT IT DOES"
.B tiny
reads \fIfile\fP and
.BR printf (3)\c
\&.
.PP
Second \(lqparagraph\(rq.
.nf
code { }
.fi
.TP
.BR \-a ", " \-\-all
Takes all.
.IP \(bu 2
An item.
.SS Deeper
.EX
.RS
.B not this
.RE
.EE
The end, see
.UR https://example.org/
the page
.UE .

New paragraph.
"""


def test_a_page_becomes_sections_of_plain_passages_with_their_structure():
    name, does, deeper = sections(PAGE)
    assert [text for _, text in name.passages] == ["NAME", "tiny - a small program"]
    assert does.level == "SH" and does.passages == [
        ("SH", "WHAT IT DOES"),
        ("SH body", "tiny reads file and printf(3) ."),
        ("PP", "Second “paragraph”."),
        ("TP", "-a, --all"),
        ("TP body", "Takes all."),
        ("IP", "•"),
        ("IP body", "An item."),
    ]
    assert deeper.level == "SS" and [text for _, text in deeper.passages][-1] == "New paragraph."
    assert "not this" not in str(deeper) and "code" not in str(does)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (r"\fBbold\fP \f[I]x\f[] \f(CWy\fR", "bold x y"),
        (r"\-\-all\~x\ y", "--all x y"),
        (r"\[u00E4]\(:o\[ss] \(em \(aq", "äöß — '"),
        (r"a\&b\|c\:d\%e", "abcde"),
        (r"C:\edir\e", "C:\\dir\\"),
        (r"\s-1small\s0 \s+2big\s0", "small big"),
        (r"\*(lqx\*(rq\*R", "“x”®"),
        (r"text \" remark", "text "),
        ("end\\", "end"),
    ],
)
def test_escapes_become_what_a_reader_sees(text, expected):
    assert plain(text) == expected


def test_an_alias_and_a_page_of_other_macros_have_no_sections():
    assert sections(".so man1/other.1\n") == []
    assert sections(".Dd today\n.Sh NAME\n.Nm x\n") == []
