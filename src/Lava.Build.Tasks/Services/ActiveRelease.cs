using Lava.Build.Diagnostics;
using Lava.Build.Instances;

namespace Lava.Build.Services;

/// <summary>What is to run in an instance.</summary>
internal static class ActiveRelease
{
    /// <summary>The instance's and its active release's directories, the latter without <c>current</c>.</summary>
    /// <exception cref="LavaException">There is no active release (LAVA5009).</exception>
    internal static RunHoles Of(InstanceLayout layout, SourceLocation location)
    {
        string? name = new FileInfo(layout.Current).LinkTarget;
        string release = name is null ? "" : layout.Release(Path.GetFileName(name.TrimEnd('/')));
        return Directory.Exists(release)
            ? new RunHoles(layout.Root, release)
            : throw Problem.Error(Strings.NothingBuilt, location, layout.Root).ToException();
    }
}
