using Lava.Build.Instances;
using Lava.Build.Platform;

namespace Lava.Build.Services.Supervision;

/// <summary>The directories that every running instance needs.</summary>
internal static class RunDirectories
{
    private static readonly string[] Names = ["run", "tmp", "var", "var/log", "var/steps"];

    /// <summary>Makes those that are missing.</summary>
    internal static void Make(InstanceLayout layout, RunAs? user)
    {
        foreach (string directory in Names.Select(name => Path.Combine(layout.Root, name)).Where(directory => !Directory.Exists(directory)))
        {
            using FileIdentity identity = FileIdentity.Of(user);
            Directory.CreateDirectory(directory);
        }
    }
}
