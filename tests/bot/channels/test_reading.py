"""A mail as it came: what is read out of it, and that nothing breaks the reading."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.mail_in.reading import read_head, read_mail
from tests.bot.channels.mails import FOLDER, mail, payload


def read(message):
    return read_mail(message if isinstance(message, bytes) else message.as_bytes())


def names(read):
    return [file.name for file in read.files]


def test_who_wrote_what_to_whom_in_answer_to_what():
    told = read(
        mail(
            "Olá", subject="Re: ação", cc="Bruno <BRUNO@aurora.example>", in_reply_to="<b@x>", references="<a@x> <b@x>"
        )
    )
    assert (told.sender, told.sender_name) == ("ana@aurora.example", "Ana Prado")
    assert told.recipients == ("suporte@desk.example", "bruno@aurora.example")
    assert (told.subject, told.text, told.references) == ("Re: ação", "Olá", ("<b@x>", "<a@x>"))
    assert told.automatic is None and not told.undelivered


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("latin1", "Não está funcionando, é a opção do João."),
        ("windows_1252_called_latin1", "Custa 10 € e diz “erro” – ação."),
        ("utf8_called_ascii", "Não é ação."),
        ("unknown_charset", "Não é ação."),
        ("broken_base64", "Olá mundo!"),
        ("raw_header_bytes", "Não liga."),
    ],
)
def test_letters_come_out_right_whatever_they_are_called(name, text):
    assert read(payload(name)).text == text


def test_headers_with_bytes_that_have_no_business_there_are_read():
    told = read(payload("raw_header_bytes"))
    assert (told.subject, told.sender_name) == ("[PC-1001] Não liga", "João Prado")


def test_of_a_nested_mail_the_text_comes_once_and_files_all_but_a_tracking_pixel():
    told = read(payload("nested"))
    assert told.text == "Segue a foto do painel."
    assert names(told) == ["painel.png", "relatório final.pdf", "conserta.exe"]
    assert told.files[0].content.startswith(b"\x89PNG")


def test_a_page_without_plain_text_becomes_text():
    told = read(payload("html_only"))
    assert told.text.startswith("O número é 4711-B.\n\nEle fica atrás da porta.") and "color:red" not in told.text
    assert "> Qual é o número de série?" in told.text


def test_a_page_is_taken_where_the_plain_text_says_nothing():
    message = mail(" \n ")
    message.add_alternative("<p>Não liga.</p>", subtype="html")
    assert read(message).text == "Não liga."


def test_an_attached_mail_is_a_file_and_no_text():
    told = read(payload("attached_mail"))
    assert told.text == "Segue o e-mail do fabricante." and names(told) == ["Peça.eml"]
    assert b"Chega na sexta." in told.files[0].content


def test_what_outlook_wrapped_and_an_invitation_are_files_to_be_judged():
    assert names(read(payload("winmail"))) == ["winmail.dat"]
    invitation = read(payload("calendar"))
    assert invitation.text == "Podemos falar amanhã às 10h?" and names(invitation) == ["arquivo.ics"]


@pytest.mark.parametrize(
    "header",
    [
        {"auto_submitted": "auto-replied"},
        {"auto_submitted": "auto-generated; owner-email=x@y.example"},
        {"precedence": "bulk"},
        {"precedence": "List"},
        {"x_autoreply": "yes"},
        {"x_autorespond": "yes"},
        {"list_id": "<novidades.aurora.example>"},
        {"return_path": "<>"},
        {"from": "MAILER-DAEMON@aurora.example"},
    ],
)
def test_what_no_person_wrote_is_told_apart(header):
    assert read(mail(**header)).automatic


@pytest.mark.parametrize("header", [{}, {"auto_submitted": "no"}, {"return_path": "<ana@aurora.example>"}])
def test_what_a_person_wrote_is_not_taken_for_a_machine_s(header):
    assert read(mail(**header)).automatic is None


def report(action):
    return (
        b"From: servidor@aurora.example\r\nMessage-ID: <dsn@aurora.example>\r\n"
        b'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
        b"--b\r\nContent-Type: text/plain\r\n\r\nO e-mail.\r\n"
        b"--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; aurora.example\r\n\r\n"
        b"Final-Recipient: rfc822; ana@aurora.example\r\nAction: " + action + b"\r\nStatus: 5.1.1\r\n\r\n--b--\r\n"
    )


def test_only_a_final_failure_counts_as_undelivered():
    assert read(report(b"failed")).undelivered
    assert not read(report(b"delayed")).undelivered
    assert not read(payload("out_of_office")).undelivered


def test_a_mail_that_comes_twice_by_different_ways_has_one_key():
    raw = mail().as_bytes()
    again = b"Return-Path: <ana@aurora.example>\r\nReceived: from x by y\r\n" + raw.replace(b"\n", b"\r\n")
    assert read_head(raw).key == read_head(again).key == read(raw).key


def test_another_mail_under_a_known_message_id_has_a_key_of_its_own():
    assert read_head(mail("um").as_bytes()).key != read_head(mail("dois").as_bytes()).key
    assert read_head(mail().as_bytes()).key != read_head(mail(**{"from": "eva@fora.example"}).as_bytes()).key


def test_a_mail_without_a_message_id_has_a_key_of_its_content():
    first, second = (f"From: a@b.example\nDate: {day}\n\nOi".encode() for day in ("hoje", "ontem"))
    assert read_head(first).key == read_head(first).key != read_head(second).key


@pytest.mark.parametrize(
    "sender", ["", "Ana", "<>", "ana@aurora.example, eva@fora.example", "ana@@aurora.example", "undisclosed:;"]
)
def test_who_is_not_one_sender_is_none(sender):
    assert read(f"From: {sender}\nMessage-ID: <1@x>\n\nOi".encode()).sender is None


def nested(depth):
    body = b"Content-Type: text/plain\n\nfim\n"
    for level in range(depth):
        mark = str(level).encode()
        head = b'Content-Type: multipart/mixed; boundary="b' + mark + b'"\n\n--b' + mark + b"\n"
        body = head + body + b"\n--b" + mark + b"--\n"
    return b"From: ana@aurora.example\n" + body


def test_a_mail_nested_without_end_is_read_as_far_as_mails_of_people_go():
    assert read(nested(10)).text == "fim"
    assert read(nested(300)).text == ""


def test_no_text_holds_what_databases_and_screens_choke_on():
    told = read(
        b"From: a@b.example\nSubject: x\x00\x1b[31my\nContent-Type: text/plain; charset=utf-8\n\nA\x00B\x1b[2J\x07\n"
    )
    assert told.text == "AB[2J" and told.subject == "x[31my"


@given(st.binary(max_size=400))
def test_no_bytes_break_the_reading(raw):
    assert read_mail(b"From: a@b.example\nContent-Type: multipart/mixed; boundary=b\n\n--b\n" + raw).key
    assert read_head(raw).key


@given(st.data())
def test_no_mutilated_mail_breaks_the_reading(data):
    raw = bytearray(payload(data.draw(st.sampled_from(sorted(path.stem for path in FOLDER.glob("*.eml"))))))
    for _ in range(data.draw(st.integers(1, 8))):
        at = data.draw(st.integers(0, len(raw) - 1))
        raw[at : at + data.draw(st.integers(0, 30))] = data.draw(st.binary(max_size=10))
    assert read_mail(bytes(raw)).key
