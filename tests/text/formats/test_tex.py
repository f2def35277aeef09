"""LaTeX: the text that it sets, without its commands."""

from siamese_text.text import readers

PAGE = r"""\documentclass{article} % a comment
\usepackage[utf8]{inputenc}
\begin{document}
\section{Amber}
It \emph{floats} in   salt
water\footnote{So they say.} --- caf\'e, na\"{i}ve. % hidden remark

\begin{quote}
It never froze.
\end{quote}
\input{other} Energy is $E = mc^2$.
\end{document}
junk
"""


def test_the_text_is_read_without_commands_and_comments():
    text = readers.read(PAGE.encode(), "tex").text
    assert "It floats in salt water" in text
    assert "café, naïve." in text
    assert "“It never froze.”" in text
    assert "$E = mc^2$" in text
    assert not {"comment", "remark", "junk", "emph", "documentclass"} & set(text.replace(".", " ").split())


def test_headings_are_paragraphs_of_their_own():
    source = rb"""\section[short]{Where does {\em amber} float?} In salt water. % \section{No}
\subsection*{Two things}\label{two} More."""
    reading = readers.read(source, "tex")
    headings = [reading.text[span.start : span.end] for span in reading.headings]
    assert headings == ["Where does amber float?", "Two things"]
    assert reading.text == "Where does amber float?\n\nIn salt water.\n\nTwo things\n\nMore."


def test_a_part_without_a_document_is_read():
    assert readers.read(rb"Only \textbf{a part}.", "tex").text == "Only a part."
