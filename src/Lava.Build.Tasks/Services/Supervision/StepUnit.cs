using System.Text;
using Lava.Build.Diagnostics;
using Lava.Build.Platform;

namespace Lava.Build.Services.Supervision;

/// <summary>Carries out a step by its script in the release, which records its success.</summary>
internal sealed class StepUnit(StepDescription step, RunContext context) : Unit(step.Name, context)
{
    private const int LongestRecord = 4096;
    private static readonly EndRule End = new(KillMode.Group, "SIGTERM", 10);

    /// <inheritdoc/>
    protected override async Task WorkAsync()
    {
        if (IsDone())
        {
            Context.State.Change(Name, (StepState state) => state with { Condition = StepCondition.Skipped });
            BecomeReady();
            return;
        }

        RunAs? user = InstanceUser.Of(Context.Services, "", Context.Location, $"step '{Name}'");
        using ServiceLog log = Context.OpenLog(Name);
        OutputLines lines = new(line =>
        {
            log.Write(line);
            Context.Console.Line(Name, line);
        });
        string script = Path.Combine(Context.Holes.Release, StepScripts.Directory, Name);
        if (!File.Exists(script))
        {
            throw Problem.Error(Strings.ProgramOfServiceMissing, Context.Location, $"Step '{Name}'", script).ToException();
        }

        using ChildProcess child = await Context.Children.StartAsync(
            new ChildRequest(script, [], Context.Variables(Name, user, step.Environment), Context.Layout.Root)
            {
                User = user,
                DeathSignal = "SIGTERM",
                Lines = lines,
            });
        Context.State.Change(Name, (StepState state) => state with { Condition = StepCondition.Running, Process = child.Identity });
        child.Release();
        bool inTime;
        try
        {
            inTime = await ProcessEnd.EndedWithinAsync(child.Ended, TimeSpan.FromSeconds(step.Timeout), Stopping);
        }
        finally
        {
            await ProcessEnd.EndAsync(child, End, Context.Token, Name, Context.Now);
        }

        Stopping.ThrowIfCancellationRequested();
        int exitCode = await child.Ended;
        if (!inTime)
        {
            throw new LavaException(Context.Explain(
                lines, Problem.Error(Strings.StepTimedOut, Context.Location, Name, step.Timeout, RunContext.Tail(lines))));
        }

        if (exitCode != 0)
        {
            throw new LavaException(Context.Explain(
                lines, Problem.Error(Strings.StepFailed, Context.Location, Name, SignalNames.Describe(exitCode), RunContext.Tail(lines))));
        }

        Context.State.Change(Name, (StepState state) => state with { Condition = StepCondition.Done });
        BecomeReady();
    }

    /// <inheritdoc/>
    protected override FailureAction RecordFailure(string reason)
    {
        Context.State.Change(Name, (StepState state) => state with { Condition = StepCondition.Failed });
        return FailureAction.Stop;
    }

    /// <inheritdoc/>
    protected override void RecordStop() =>
        Context.State.Change(Name, (StepState state) => state with { Condition = StepCondition.Waiting });

    // The script looks by itself, too; this spares its start.
    private bool IsDone()
    {
        if (step.Once == StepFrequency.Start)
        {
            return false;
        }

        byte[]? record = ForeignFile.Read(Path.Combine(Context.Layout.Root, "var", "steps", Name), LongestRecord);
        return record is not null
            && (step.Once == StepFrequency.Instance || Encoding.UTF8.GetString(record).Trim() == Path.GetFileName(Context.Holes.Release));
    }
}
