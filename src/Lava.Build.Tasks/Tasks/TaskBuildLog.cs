using Lava.Build.Diagnostics;
using Microsoft.Build.Framework;
using Microsoft.Build.Utilities;

namespace Lava.Build.Tasks;

/// <summary>Writes to MSBuild's log, in its canonical form.</summary>
internal sealed class TaskBuildLog(TaskLoggingHelper log, string projectFile) : IBuildLog
{
    // A task's logging helper is not made for several threads at once.
    private readonly Lock _gate = new();

    public void Say(string text)
    {
        lock (_gate)
        {
            log.LogMessage(MessageImportance.High, "{0}", VisibleText.WithTabs(text));
        }
    }

    public void Detail(string text)
    {
        lock (_gate)
        {
            log.LogMessage(MessageImportance.Low, "{0}", VisibleText.WithTabs(text));
        }
    }

    public void Warn(Problem problem)
    {
        lock (_gate)
        {
            log.LogWarning(
                null, problem.Code, null, null, File(problem), problem.Location.Line, problem.Location.Column, 0, 0, "{0}", VisibleText.Of(problem.Text));
        }
    }

    internal void Fail(Problem problem)
    {
        lock (_gate)
        {
            log.LogError(
                null, problem.Code, null, null, File(problem), problem.Location.Line, problem.Location.Column, 0, 0, "{0}", VisibleText.Of(problem.Text));
        }
    }

    private string File(Problem problem) => problem.Location.File ?? projectFile;
}
