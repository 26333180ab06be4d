using System.Text.RegularExpressions;
using Lava.Build.Diagnostics;
using Lava.Build.Instances;
using Lava.Build.Platform;
using Lava.Build.Services;
using Microsoft.Build.Framework;

namespace Lava.Build.Tasks;

/// <summary>
/// Runs a program of the instance that reads a new password from the first line of its standard input: that stands in no command
/// line, no variable and no log.
/// </summary>
[MSBuildMultiThreadableTask]
public sealed partial class RunLavaProgramWithPassword : LavaTask
{
    /// <summary>The instance's directory.</summary>
    [Required]
    public string InstanceRoot { get; set; } = "";

    /// <summary>The instance's name (<c>LavaInstance</c>), for a release that runs no services.</summary>
    public string Instance { get; set; } = "";

    /// <summary>Whom root runs the program as (<c>LavaUser</c>), likewise.</summary>
    public string User { get; set; } = "";

    /// <summary>A program in the active release's <c>bin</c>.</summary>
    [Required]
    public string Program { get; set; } = "";

    /// <summary>Its arguments.</summary>
    public string[] Arguments { get; set; } = [];

    /// <summary>Whose password it is, for the question.</summary>
    [Required]
    public string Owner { get; set; } = "";

    /// <summary>A file whose one line is the password; without it a terminal is asked, and without one a password is made up. Another process of MSBuild than the one that was started needs it.</summary>
    public string PasswordFile { get; set; } = "";

    /// <inheritdoc/>
    protected override async Task RunAsync(CancellationToken cancellation)
    {
        SourceLocation location = new(ProjectFile);
        if (PasswordFile.Length == 0 && MSBuildProcess.ServesAnother)
        {
            throw Problem.Error(Strings.NobodyToAsk, location, Owner).ToException();
        }

        RunHoles holes = ActiveRelease.Of(new InstanceLayout(Absolute(InstanceRoot)), location);
        InstancePrograms programs = new(holes, ServicesFile.ReadIfAny(holes.Release, Instance, User), Host, location);
        ProcessRequest request = programs.Named(Program, Arguments);
        using Terminal? terminal = PasswordFile.Length == 0 ? Terminal.TryOpen() : null;
        NewPassword password = PasswordFile.Length > 0
            ? await NewPassword.FromFileAsync(Absolute(PasswordFile), location, cancellation)
            : terminal is null ? NewPassword.MadeUp() : await NewPassword.AskAsync(terminal, Owner, location, cancellation);
        ProcessOutcome outcome = await new ProcessRunner(Host).RunAsync(request with { StandardInput = password.Text + "\n" }, cancellation);
        if (outcome.ExitCode != 0)
        {
            throw Failure(outcome, location).ToException();
        }

        foreach (string line in outcome.Output.Trim().Split('\n'))
        {
            BuildLog.Say(line);
        }

        if (password.IsMadeUp)
        {
            Show($"The password of '{Owner}' is {password.Text} and is shown only now.", terminal);
        }
    }

    // Past MSBuild's loggers, whose files would keep it.
    private static void Show(string text, Terminal? terminal)
    {
        if (terminal is null)
        {
            Console.Out.WriteLine(text);
        }
        else
        {
            terminal.Say(text);
        }
    }

    private Problem Failure(ProcessOutcome outcome, SourceLocation location)
    {
        string[] lines = outcome.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        Match? coded = lines.Select(line => CodedLine().Match(line)).LastOrDefault(match => match.Success);
        return coded is null
            ? Problem.Error(Strings.ProgramOfInstanceFailed, location, Program, outcome.ExitCode, lines.Length > 0 ? $" It said: {lines[^1]}" : "")
            : new Problem(Severity.Error, coded.Groups["code"].Value, coded.Groups["text"].Value, location);
    }

    [GeneratedRegex(@"\A(?<code>LAVA[0-9]{4}): (?<text>.+)\z")]
    private static partial Regex CodedLine();
}
