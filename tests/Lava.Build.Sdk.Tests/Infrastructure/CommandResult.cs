namespace Lava.Build.Sdk.Tests;

/// <summary>How a program ended and all that it said, both streams together in the order they came.</summary>
internal sealed record CommandResult(string CommandLine, int ExitCode, string Output)
{
    public IReadOnlyList<Diagnostic> Errors => [.. Diagnostic.Parse(Output).Where(diagnostic => diagnostic.Severity == "error")];

    public IReadOnlyList<Diagnostic> Warnings => [.. Diagnostic.Parse(Output).Where(diagnostic => diagnostic.Severity == "warning")];

    public CommandResult Succeeds()
    {
        Assert.AreEqual(0, ExitCode, ToString());
        return HasNoStack();
    }

    /// <summary>It failed, with exactly these codes in any order, and no stack trace.</summary>
    public CommandResult FailsWith(params string[] codes)
    {
        Assert.AreNotEqual(0, ExitCode, ToString());
        CollectionAssert.AreEquivalent(codes, Errors.Select(error => error.Code).ToArray(), ToString());
        return HasNoStack();
    }

    public CommandResult Says(string text)
    {
        StringAssert.Contains(Output, text, StringComparison.Ordinal, ToString());
        return this;
    }

    public CommandResult DoesNotSay(string text)
    {
        Assert.IsFalse(Output.Contains(text, StringComparison.Ordinal), $"'{text}' is in: {this}");
        return this;
    }

    public Diagnostic Error(string code) => Errors.FirstOrDefault(error => error.Code == code) ?? throw new AssertFailedException($"No {code}: {this}");

    public CommandResult HasNoStack() => DoesNotSay("\n   at ").DoesNotSay("Exception:");

    public override string ToString() => $"{CommandLine}\nexit code {ExitCode}\n{Output}";
}
