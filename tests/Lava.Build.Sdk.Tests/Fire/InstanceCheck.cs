namespace Lava.Build.Sdk.Tests.Fire;

/// <summary>Looks at an instance from outside, as its users and services do.</summary>
internal static class InstanceCheck
{
    /// <summary>The active release's name, or null if there is none.</summary>
    public static string? Current(string instance) => new FileInfo(Path.Combine(instance, "code", "current")).LinkTarget;

    /// <summary>What is wrong with the active release: no record, or links that lead nowhere.</summary>
    public static IEnumerable<string> ReleaseFaults(string instance)
    {
        if (Current(instance) is not { } name)
        {
            return [$"{instance} has no release"];
        }

        DirectoryInfo release = new(Path.Combine(instance, "code", name));
        return File.Exists(Path.Combine(release.FullName, "release.json"))
            ? release.EnumerateFileSystemInfos("*", Everything).Where(entry => entry.LinkTarget is not null && !Path.Exists(entry.FullName))
                .Select(link => $"{link.FullName} leads nowhere")
            : [$"{release.FullName} has no record"];
    }

    /// <summary>What builds left that are over: in an instance, in the cache, or beside the project.</summary>
    public static IEnumerable<string> Leftovers(string directory) =>
        new DirectoryInfo(directory).EnumerateFileSystemInfos("*", Everything).Where(IsLeftover).Select(entry => entry.FullName);

    private static EnumerationOptions Everything => new() { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.None, IgnoreInaccessible = false };

    private static bool IsLeftover(FileSystemInfo entry) =>
        entry.Name.StartsWith(".staging-", StringComparison.Ordinal)
        || entry.Name.StartsWith(".damaged-", StringComparison.Ordinal)
        || entry.Name.EndsWith(".tmp", StringComparison.Ordinal)
        || entry.Name.EndsWith(".new", StringComparison.Ordinal)
        || Path.GetFileName(Path.GetDirectoryName(entry.FullName)) == "damaged";
}
