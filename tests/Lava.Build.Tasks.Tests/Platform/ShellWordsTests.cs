using System.Diagnostics;
using Lava.Build.Platform;

namespace Lava.Build.Tests.Platform;

[TestClass]
public sealed class ShellWordsTests
{
    [TestMethod]
    [DataRow("")]
    [DataRow("  \t\n ")]
    [DataRow("check --deploy")]
    [DataRow(" a  b\tc\nd ")]
    [DataRow("'a b' \"c d\" e\\ f")]
    [DataRow("''")]
    [DataRow("\"\" x")]
    [DataRow("a'b'c\"d\"e")]
    [DataRow("'it'\\''s'")]
    [DataRow("\"\\\"\\\\\\$\\`\\x\"")]
    [DataRow("'\\'")]
    [DataRow("\\\\ \\' \\\"")]
    [DataRow("a\\\nb \"c\\\nd\"")]
    [DataRow("'new\nline'")]
    [DataRow("é '€ 😀'")]
    [DataRow("--flag=a,b;c")]
    public void Words_are_those_that_a_shell_would_see(string text)
    {
        IReadOnlyList<string> words = ShellWords.Split(text, out string? problem);
        Assert.IsNull(problem);
        CollectionAssert.AreEqual(AsShellSees(text.Replace(";", "\\;", StringComparison.Ordinal)), words.ToArray());
    }

    [TestMethod]
    public void Nothing_is_expanded() =>
        CollectionAssert.AreEqual(
            new[] { "$HOME", "*", "~", "`id`", "$(id)", "a|b", "#", "c" },
            ShellWords.Split("$HOME * ~ `id` $(id) a|b # c", out _).ToArray());

    [TestMethod]
    [DataRow("'a", "a ' in it is not closed")]
    [DataRow("a \"b\\\"", "a \" in it is not closed")]
    [DataRow("a\\", "it ends with a backslash that quotes nothing")]
    public void A_text_that_ends_within_a_quotation_is_told(string text, string expected)
    {
        ShellWords.Split(text, out string? problem);
        Assert.AreEqual(expected, problem);
    }

    private static string[] AsShellSees(string text)
    {
        using Process shell = Process.Start(
            new ProcessStartInfo("/bin/sh", ["-c", $"f() {{ for a; do printf '%s\\0' \"$a\"; done; }}; f {text.Trim().Replace("\nd", " d", StringComparison.Ordinal)}"]) { RedirectStandardOutput = true })!;
        string output = shell.StandardOutput.ReadToEnd();
        shell.WaitForExit();
        return output.Split('\0')[..^1];
    }
}
