using Lava.Build.Platform;

namespace Lava.Build.Services.Checks;

/// <summary>Runs a command, or asks the instance's database, in the environment that services have.</summary>
/// <param name="programs">How they are run.</param>
/// <param name="processes">Runs the programs.</param>
internal sealed class ProgramCheck(InstancePrograms programs, ProcessRunner processes)
{
    /// <summary>The program of a release that reads SQL from standard input and prints rows as <c>psql -At</c> does.</summary>
    public const string SqlProgram = "libexec/lava-build/psql";

    private const char ColumnSeparator = '|';

    /// <summary>Why the check fails; null if it passes.</summary>
    /// <param name="check">The check.</param>
    /// <param name="seen">Takes each line that the command prints.</param>
    /// <param name="cancellation">Ends the command and all that it has started.</param>
    internal async Task<CheckFailure?> RunCommandAsync(CheckDescription check, LastLines seen, CancellationToken cancellation)
    {
        ProcessOutcome outcome = await RunAsync(programs.Shell(check.Command), check, null, seen, cancellation);
        if (outcome.ExitCode != 0)
        {
            return new CheckFailure($"Expected exit code 0, and it ended with {outcome.ExitCode}.", seen.All);
        }

        string expected = programs.Holes.Fill(check.Expected);
        return outcome.Output.Contains(expected, StringComparison.Ordinal)
            ? null
            : new CheckFailure($"Expected '{expected}' in its output, and it is not there.", seen.All);
    }

    /// <summary>As <see cref="RunCommandAsync"/>, of a statement.</summary>
    internal async Task<CheckFailure?> RunSqlAsync(CheckDescription check, LastLines seen, CancellationToken cancellation)
    {
        string program = Path.Combine(programs.Holes.Release, SqlProgram);
        if (!File.Exists(program))
        {
            return new CheckFailure("The release has no database to ask. Add a LavaDatabase item to the project, or remove the check.");
        }

        ProcessOutcome outcome = await RunAsync(programs.Program(program, []), check, check.Sql + "\n", seen, cancellation);
        if (outcome.ExitCode != 0)
        {
            return new CheckFailure("The database refused the statement.", seen.All);
        }

        // One statement that prints no row prints nothing.
        string? row = outcome.Output.Length == 0 ? null : outcome.Output.Split('\n')[0];
        string? value = row?.Split(ColumnSeparator)[0];
        string expected = programs.Holes.Fill(check.Expected);
        return expected.Length == 0 || value == expected || row == expected
            ? null
            : new CheckFailure(
                $"Expected '{expected}' in the first column of the first row, and {(value is null ? "there was no row" : $"it was '{value}'")}.");
    }

    private Task<ProcessOutcome> RunAsync(
        ProcessRequest request, CheckDescription check, string? input, LastLines seen, CancellationToken cancellation) => processes.RunAsync(
        request with
        {
            Label = $"LavaCheck {check.Name}",
            StandardInput = input,
            // The caller's own limit is shorter.
            Timeout = TimeSpan.FromSeconds(check.Timeout) + TimeSpan.FromMinutes(1),
            OnLine = seen.Add,
        },
        cancellation);
}
