using Lava.Build.Releases;

namespace Lava.Build.Tests.Shells;

[TestClass]
public sealed class ShellQuotingTests
{
    private static readonly string[] Nasty =
    [
        "", "plain", "two  words ", "'", "''", "'''", "it's", "'start", "end'", "\"", "\\", "\\\\", "\\'", "'\\", "a\\", "\\n", "$HOME", "${x}",
        "$(id)", "`id`", "!", "!!", "a!b", "\\!", "!'", "*", "?[a]", "{a,b}", "~", "~root", "-n", "--", "=ls", "%x", "%%", "#x", ";", "&", "|",
        "<>", "()", "^", "tab\t", "cr\r", "bell\a", "\u001b[1m", "é漢🌋", "\u2018\u2019\u201a\u201b", "\u2028", "new\nline", "\n", "end\n", "a\\\nb", "\\\n!\n'",
    ];

    public static IEnumerable<object[]> Shells =>
    [
        ["dash", (Func<string, string>)ShellQuoting.Posix, Array.Empty<string>()],
        ["bash", (Func<string, string>)ShellQuoting.Posix, Array.Empty<string>()],
        ["zsh", (Func<string, string>)ShellQuoting.Posix, new[] { "-f" }],
        ["zsh", (Func<string, string>)ShellQuoting.Posix, new[] { "-f", "-o", "rcquotes", "-o", "extendedglob" }],
        ["fish", (Func<string, string>)ShellQuoting.Fish, new[] { "--no-config" }],
        ["tcsh", (Func<string, string>)ShellQuoting.Csh, new[] { "-f" }],
    ];

    [TestMethod]
    [DynamicData(nameof(Shells))]
    public async Task Shells_read_back_the_same_text(string shell, Func<string, string> quote, string[] options)
    {
        using TemporaryDirectory directory = new();
        string script = Path.Combine(directory.Path, "script");
        await File.WriteAllTextAsync(script, $"/usr/bin/printf '%s\\0' {string.Join(' ', Nasty.Select(quote))}\n");
        Assert.AreEqual(string.Concat(Nasty.Select(text => text + "\0")), await Run.OutputAsync(shell, [.. options, script]));
    }

    [TestMethod]
    public async Task Csh_reads_back_the_same_text_when_backslashes_quote()
    {
        using TemporaryDirectory directory = new();
        string script = Path.Combine(directory.Path, "script");
        await File.WriteAllTextAsync(
            script, $"set backslash_quote\n/usr/bin/printf '%s\\0' {string.Join(' ', Nasty.Select(ShellQuoting.Csh))}\n");
        Assert.AreEqual(string.Concat(Nasty.Select(text => text + "\0")), await Run.OutputAsync("tcsh", ["-f", script]));
    }

    [TestMethod]
    public async Task Python_reads_back_the_same_text_on_one_line()
    {
        using TemporaryDirectory directory = new();
        string script = Path.Combine(directory.Path, "script.py");
        await File.WriteAllTextAsync(
            script, $"for text in {ShellQuoting.PythonList(Nasty)} + {ShellQuoting.PythonList([])}:\n    print(text, end='\\0')\n");
        Assert.AreEqual(string.Concat(Nasty.Select(text => text + "\0")), await Run.OutputAsync(FakeInstance.HostPython, ["-W", "error", script]));
        Assert.IsTrue(Nasty.All(text => !ShellQuoting.Python(text).Contains('\n', StringComparison.Ordinal)));
    }

    [TestMethod]
    public void PowerShell_doubles_every_quote_that_it_takes_for_one() =>
        Assert.AreEqual("'a''b\u2018\u2018\u2019\u2019\u201a\u201a\u201b\u201b$x`'", ShellQuoting.PowerShell("a'b\u2018\u2019\u201a\u201b$x`"));

    [TestMethod]
    public async Task PowerShell_reads_back_the_same_text()
    {
        if (Lava.Build.Platform.HostEnvironment.OfThisProcess().FindProgram("pwsh") is not { } program)
        {
            Assert.Inconclusive("pwsh is not on PATH, and Debian has no package of it.");
            return;
        }

        string command = string.Concat(Nasty.Select(text => $"[Console]::Out.Write({ShellQuoting.PowerShell(text)} + \"`0\"); "));
        Assert.AreEqual(string.Concat(Nasty.Select(text => text + "\0")), await Run.OutputAsync(program, ["-NoProfile", "-Command", command]));
    }

    [TestMethod]
    public void Posix_words_may_stand_in_a_string_of_Python() =>
        Assert.IsTrue(Nasty.All(text => !ShellQuoting.PosixExport("A", text).Contains("'''", StringComparison.Ordinal)));

    [TestMethod]
    public void A_NUL_and_a_bad_name_are_refused()
    {
        Assert.ThrowsExactly<ArgumentException>(() => ShellQuoting.Posix("a\0"));
        Assert.ThrowsExactly<ArgumentException>(() => ShellQuoting.Csh("a\0"));
        Assert.ThrowsExactly<ArgumentException>(() => ShellQuoting.PosixExport("1A", ""));
        Assert.ThrowsExactly<ArgumentException>(() => ShellQuoting.PosixExport("", ""));
    }
}
