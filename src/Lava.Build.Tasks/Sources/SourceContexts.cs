using Lava.Build.Cache;
using Lava.Build.Platform;

namespace Lava.Build.Sources;

/// <summary>Gives each source its own state directory.</summary>
/// <param name="Template">What all sources have in common.</param>
/// <param name="Layout">The cache.</param>
public sealed record SourceContexts(SourceContext Template, CacheLayout Layout)
{
    /// <summary>The context of one source; its state directory exists and is private to the user.</summary>
    public SourceContext For(ISource source)
    {
        string directory = Layout.State(source.Name);
        Directory.CreateDirectory(directory, FileTree.PrivateMode);
        return Template with { StateDirectory = directory };
    }
}
