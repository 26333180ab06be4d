using Lava.Build.Diagnostics;

namespace Lava.Build.Platform;

/// <summary>A program to run. Arguments are a list: nothing is ever quoted or parsed by a shell.</summary>
/// <param name="Program">A path, or a name to look for in PATH.</param>
/// <param name="Arguments">Its arguments, without its name.</param>
public sealed record ProcessRequest(string Program, IReadOnlyList<string> Arguments)
{
    /// <summary>What messages call it, where the program itself only starts another.</summary>
    public string? Label { get; init; }

    /// <summary>Where it was asked for.</summary>
    public SourceLocation Location { get; init; }

    /// <summary>Where it runs; the caller's directory if not given.</summary>
    public string? WorkingDirectory { get; init; }

    /// <summary>Variables to set, or to remove where the value is null.</summary>
    public IReadOnlyDictionary<string, string?> Environment { get; init; } = new Dictionary<string, string?>();

    /// <summary>Whether the caller's variables are dropped first.</summary>
    public bool ClearEnvironment { get; init; }

    /// <summary>After this the program's group is ended and the run fails.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>What it may read from standard input; nothing by default.</summary>
    public string? StandardInput { get; init; }

    /// <summary>Called for each line of output or error as it comes.</summary>
    public Action<string>? OnLine { get; init; }

    /// <summary>Takes standard output as bytes, on a thread that may block; it is then not captured as text. Cancelled, the program is ended.</summary>
    public Action<Stream, CancellationToken>? ReadOutput { get; init; }
}

/// <summary>How a program ended. The texts hold its last megabyte at most.</summary>
/// <param name="ExitCode">Its exit code; 128 and the number of the signal where one ended it.</param>
/// <param name="Output">Its standard output, each line with a newline behind it.</param>
/// <param name="Error">Its standard error, likewise.</param>
public sealed record ProcessOutcome(int ExitCode, string Output, string Error);
