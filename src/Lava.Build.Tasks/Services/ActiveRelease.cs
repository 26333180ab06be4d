using Lava.Build.Diagnostics;
using Lava.Build.Instances;

namespace Lava.Build.Services;

/// <summary>The release that an instance runs when it is started.</summary>
public static class ActiveRelease
{
    /// <summary>Its absolute directory, without <c>current</c>, which may be led elsewhere while a program runs.</summary>
    /// <exception cref="LavaException">No release is active, or the link leads nowhere (LAVA5098).</exception>
    public static string Of(InstanceLayout layout)
    {
        string? name = new FileInfo(layout.Current).LinkTarget;
        string release = layout.Release(name ?? "");
        return name is not null && Directory.Exists(release)
            ? release
            : throw Problem.Error(Strings.NoActiveRelease, SourceLocation.None, layout.Root).ToException();
    }
}
