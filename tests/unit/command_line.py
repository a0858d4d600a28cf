#!/usr/bin/python3
"""What the program says before it does anything: overview, help, and what is near a typing mistake."""
import pathlib
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from scenario import REHEARSE, main  # noqa: E402

VERBS = ("run", "check", "fill", "profile", "audit", "report", "arm", "demo")


def say(*args):
    done = subprocess.run([REHEARSE, *args], capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=30)
    return done.returncode, done.stdout, done.stderr


def test_no_arguments():
    code, out, err = say()
    lines = out.splitlines()
    assert code == 0 and err == "" and len(lines) == 10 and max(map(len, lines)) <= 100, out
    assert sum("rehearse demo " in line or "-T 60" in line for line in lines[-2:]) == 2, out


def test_every_verb_has_help():
    for verb in VERBS:
        for flag in ("-h", "--help"):
            code, out, err = say(verb, flag)
            assert code == 0 and err == "" and out.startswith(f"rehearse {verb}") and "--help" in out, (verb, out, err)
    assert " run " in say("--help")[1] and "exit codes:" in say("--help")[1]
    assert say("-V")[1] == say("--version")[1] != ""


def test_what_differs_from_pgbench_is_said():
    text = " ".join(say("run", "--help")[1].split())
    for flag in ("-R, --rate N ", "-T, --time S "):
        assert "Unlike pgbench:" in text.split(flag)[1].split(" --")[0], text


def test_mistakes_exit_2_with_a_hint():
    for args, hint in (
        (("rum",), "did you mean run?"),
        (("change.sql",), "rehearse run change.sql"),
        (("--dsn", "x"), "the verb comes first"),
        (("run", "--strateg", "naive"), "did you mean --strategy?"),
        (("run", "--html", "x"), "rehearse report"),
        (("run", "--counts"), "rehearse profile"),
        (("profile",), "it is only read"),
        (("profile", "--noise"), "rehearse audit"),
    ):
        code, out, err = say(*args)
        assert code == 2 and out == "" and "hint: " in err and hint in err, (args, code, err)
    for args in (("run", "--color", "blue", "x.sql"), ("run", "-c", "0", "--dsn", "fake:x", "x.sql"), ("report",), ("arm",), ("profile", "diff", "x"), ("audit", "--dsn", "fake:x", "--profile", "x", "--scale", "0"),
                 ("profile", "--dsn", "sandbox:postgresql")):
        code, out, err = say(*args)
        assert code == 2 and out == "" and err.startswith("rehearse: "), (args, code, err)


def test_profile_diff_ends_as_diff_does():
    column = '{"name":"c","type":"text","base":"text","values":"none","null_ratio":%s}'
    table = '{"schema":"s","name":"t","kind":"","columns":[%s],"indexes":[],"references":[],"groups":[]}'
    whole = '{"profile_version":1,"engine":"postgresql","version":"15","level":0,"tables":[%s],"statements":[]}'
    with tempfile.TemporaryDirectory() as directory:
        files = [pathlib.Path(directory) / name for name in ("a.json", "b.json", "c.json")]
        for file, nulls in zip(files, ("0", "0.5", "2")):
            file.write_text(whole % (table % (column % nulls)))
        assert say("profile", "diff", files[0], files[0]) == (0, "", "")
        code, out, err = say("profile", "diff", files[0], files[1])
        assert (code, out, err) == (1, "s.t.c: null_ratio 0 -> 0.5\n", ""), (code, out, err)
        code, out, err = say("profile", "diff", files[0], files[2])
        assert code == 2 and out == "" and "c.json:1:" in err, (code, out, err)
        assert say("profile", "diff", files[0], directory)[0] == 2


def test_what_does_not_go_together_in_profile_is_refused():
    for flags in (("--audit",), ("--literals", "t.c")):
        code, out, err = say("profile", "--dsn", "host=/nowhere", "--print-sql", *flags)
        assert code == 2 and out == "" and flags[0] in err, (code, out, err)
    for wrong in ("0", "10us", "soon"):
        code, out, err = say("profile", "--dsn", "host=/nowhere", "--statement-timeout", wrong)
        assert code == 2 and out == "" and "--statement-timeout" in err and "digits" not in err, (code, out, err)


if __name__ == "__main__":
    main()
