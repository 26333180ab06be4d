using Lava.Build.Diagnostics;
using Lava.Build.Platform;
using Microsoft.Build.Framework;

namespace Lava.Build.Tasks;

/// <summary>What all tasks share: cancellation, coded messages instead of stack traces, and the project's own environment.</summary>
[System.Diagnostics.CodeAnalysis.SuppressMessage(
    "Design", "CA1001", Justification = "MSBuild disposes no task, and a source without a timer holds nothing to dispose.")]
public abstract class LavaTask : Microsoft.Build.Utilities.Task, ICancelableTask, IMultiThreadableTask
{
    private readonly CancellationTokenSource _cancellation = new();
    private TaskBuildLog? _log;

    /// <inheritdoc/>
    public TaskEnvironment TaskEnvironment { get; set; } = TaskEnvironment.Fallback;

    /// <summary>The absolute path of the project, for messages that name no better place.</summary>
    [Required]
    public string ProjectFile { get; set; } = "";

    /// <summary>The project's directory and variables.</summary>
    protected HostEnvironment Host => new(
        TaskEnvironment.ProjectDirectory, new Dictionary<string, string>(TaskEnvironment.GetEnvironmentVariables()));

    /// <summary>Where the work is told about.</summary>
    protected IBuildLog BuildLog => OwnLog;

    /// <summary>The names of the properties that the build was given, above all by the command line.</summary>
    protected IEnumerable<string> GivenProperties => (BuildEngine as IBuildEngine6)?.GetGlobalProperties().Keys ?? [];

    private TaskBuildLog OwnLog => _log ??= new TaskBuildLog(Log, ProjectFile);

    /// <inheritdoc/>
    public void Cancel() => _cancellation.Cancel();

    /// <inheritdoc/>
    public override bool Execute()
    {
        try
        {
            // MSBuild's tasks are synchronous; this is the one place where the asynchronous work is waited for.
            RunAsync(_cancellation.Token).GetAwaiter().GetResult();
        }
        catch (OperationCanceledException) when (_cancellation.IsCancellationRequested)
        {
            return false;
        }
        catch (LavaException failure)
        {
            foreach (Problem problem in failure.Problems)
            {
                OwnLog.Fail(problem);
            }
        }
        catch (Exception failure) when (FileSystemProblem.From(failure) is { } problem)
        {
            OwnLog.Fail(problem);
        }

        return !Log.HasLoggedErrors;
    }

    /// <summary>The work.</summary>
    protected abstract System.Threading.Tasks.Task RunAsync(CancellationToken cancellation);

    /// <summary>A path of the project as an absolute one, without a slash at the end.</summary>
    protected string Absolute(string path) => Path.TrimEndingDirectorySeparator(Path.GetFullPath(TaskEnvironment.GetAbsolutePath(path).Value));
}
