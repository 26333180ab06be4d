namespace Lava.Build.Services.Systemd;

/// <summary>Finds what a release leads to in those directories of the host that units do not see, such as a component that is used in place.</summary>
internal static class OutsideDirectories
{
    private static readonly string[] Hidden = ["/home/", "/root/", "/run/user/", "/tmp/", "/var/tmp/"];

    private static readonly EnumerationOptions Everything = new() { AttributesToSkip = FileAttributes.None };

    /// <summary>The absolute paths, each once and in order.</summary>
    /// <param name="root">The instance.</param>
    /// <param name="release">The release's absolute directory.</param>
    internal static IReadOnlyList<string> Of(string root, string release)
    {
        SortedSet<string> found = new(StringComparer.Ordinal);
        foreach (FileSystemInfo entry in Links(new DirectoryInfo(release)))
        {
            string target = Path.GetFullPath(entry.LinkTarget!, Path.GetDirectoryName(entry.FullName)!);
            if (Hidden.Any(hidden => target.StartsWith(hidden, StringComparison.Ordinal)) && !target.StartsWith(root + "/", StringComparison.Ordinal))
            {
                found.Add(target);
            }
        }

        foreach (string path in found)
        {
            UnitText.CheckPath(path);
        }

        return [.. found];
    }

    // Links are looked at, not followed: what is behind them is not the release's.
    private static IEnumerable<FileSystemInfo> Links(DirectoryInfo directory)
    {
        foreach (FileSystemInfo entry in directory.EnumerateFileSystemInfos("*", Everything))
        {
            if (entry.LinkTarget is not null)
            {
                yield return entry;
            }
            else if (entry is DirectoryInfo below)
            {
                foreach (FileSystemInfo link in Links(below))
                {
                    yield return link;
                }
            }
        }
    }
}
