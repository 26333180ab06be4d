using Lava.Build.Diagnostics;
using Lava.Build.Instances;
using Lava.Build.Platform;

namespace Lava.Build.Services.Supervision;

/// <summary>What all services and steps of one start have in common.</summary>
/// <param name="Layout">The instance.</param>
/// <param name="Services">What its active release runs.</param>
/// <param name="Holes">Where the instance and that release are.</param>
/// <param name="Children">Starts programs.</param>
/// <param name="State">What is known of them.</param>
/// <param name="Console">What people see.</param>
internal sealed record RunContext(
    InstanceLayout Layout, InstanceServices Services, RunHoles Holes, ChildProcesses Children, StateKeeper State, SupervisorConsole Console)
{
    /// <summary>The variable that tells which supervisor started a process.</summary>
    internal const string TokenVariable = "LAVA_SERVICES_TOKEN";

    /// <summary>The variable that tells which service or step a process is of.</summary>
    internal const string NameVariable = "LAVA_SERVICE";

    /// <summary>The variables of whoever started the supervisor.</summary>
    internal required IReadOnlyDictionary<string, string> Caller { get; init; }

    /// <summary>What messages are about: the project, or the description in the release.</summary>
    internal required SourceLocation Location { get; init; }

    /// <summary>Cancelled when nothing is waited for any more.</summary>
    internal required CancellationToken Now { get; init; }

    /// <summary>Told when a service or step has failed for good: what becomes of the others, and what is wrong.</summary>
    internal required Action<FailureAction, IReadOnlyList<Problem>> OnFailed { get; init; }

    /// <summary>What tells the processes of this supervisor from all others.</summary>
    internal string Token => State.Current.Token;

    /// <summary>All variables of a program.</summary>
    internal Dictionary<string, string> Variables(string name, RunAs? user, IReadOnlyDictionary<string, string> own)
    {
        Dictionary<string, string> variables = RunEnvironment.Of(Caller, Holes, user, own);
        variables[TokenVariable] = Token;
        variables[NameVariable] = name;
        return variables;
    }

    /// <summary>The log of a service or step: a file of the instance's user, whoever the program runs as, because the directory is that user's.</summary>
    internal ServiceLog OpenLog(string name) => new(
        LogOf(Layout, name),
        InstanceUser.Of(Services, "", Location, "The instance"),
        failure => Console.Tell(Problem.Warning(Strings.LogNotWritten, Location, name, LogOf(Layout, name), failure.Message)));

    /// <summary>Where the log of a service or step is.</summary>
    internal static string LogOf(InstanceLayout layout, string name) => Path.Combine(layout.Root, "var", "log", $"{name}.log");

    /// <summary>What a program of the instance says is wrong itself, or else what is seen from outside.</summary>
    internal Problem[] Explain(OutputLines lines, Problem seen) =>
        lines.Coded.Count == 0 ? [seen] : [.. lines.Coded.Select(line => new Problem(Severity.Error, line.Code, line.Text, Location))];

    /// <summary>The last lines of a program as part of a message.</summary>
    internal static string Tail(OutputLines lines) =>
        lines.LastLines.Count == 0 ? " It said nothing." : $" Its last lines: {string.Join(" | ", lines.LastLines)}.";
}
