using System.Globalization;
using Lava.Build.Instances;
using Lava.Build.Python;
using Microsoft.Build.Framework;

namespace Lava.Build.Tasks;

/// <summary>Brings an instance's own files up to date and makes a release its active one.</summary>
[MSBuildMultiThreadableTask]
public sealed class ActivateLavaRelease : ReleaseTask
{
    /// <summary>The name of a release that stands in the instance.</summary>
    [Required]
    public string Release { get; set; } = "";

    /// <summary>The time of the instance's code directory when the release was active, in ticks of local time.</summary>
    [Output]
    public string CodeTime { get; private set; } = "";

    /// <inheritdoc/>
    protected override async Task RunAsync(CancellationToken cancellation)
    {
        PythonInterpreter? python = await FindPythonAsync(cancellation);
        InstanceActivation activation = new(Layout, BuildLog);
        (bool switched, long time) = await activation.ActivateAsync(Describe(python, MakeTrees(python)), Release, cancellation);
        CodeTime = time.ToString(CultureInfo.InvariantCulture);
        if (switched)
        {
            BuildLog.Say($"{Instance} now runs {Release}");
        }
    }
}
