using Lava.Build.Cache;
using Lava.Build.Components;
using Lava.Build.Diagnostics;
using Lava.Build.Platform;
using Lava.Build.Python;
using Lava.Build.Releases;
using Lava.Build.Sources;
using Microsoft.Build.Framework;

namespace Lava.Build.Tasks;

/// <summary>Assembles a release from unpacked components and lets it appear beside the others; the active one stays active.</summary>
[MSBuildMultiThreadableTask]
public sealed class AssembleLavaRelease : ReleaseTask
{
    /// <summary>How files come into the store (<c>LavaLinkMode</c>): <c>hardlink</c> or <c>copy</c>.</summary>
    public string LinkMode { get; set; } = "hardlink";

    /// <summary>Whether every byte of what stands already is looked at, in the cache too: after a clean, or where nothing is known of it.</summary>
    public bool Verify { get; set; }

    /// <summary>The release's name.</summary>
    [Output]
    public string Release { get; private set; } = "";

    /// <inheritdoc/>
    protected override async Task RunAsync(CancellationToken cancellation)
    {
        await UseCacheAsync(cancellation);
        PythonInterpreter? python = await FindPythonAsync(cancellation);
        TreeCache trees = MakeTrees(python);
        ReleaseDescription description = Describe(python, trees);
        Dictionary<string, TreeRequest> requests = new(StringComparer.Ordinal);
        foreach (PinnedComponent component in description.Components.Select(component => component.Pinned))
        {
            if (ComponentFetcher.TreeFor(component) is { } request)
            {
                requests.Add(component.Pin.Name, request);
            }
        }

        WarnOfDirectories();
        LinkMode mode = LinkMode.Equals("copy", StringComparison.OrdinalIgnoreCase) ? Releases.LinkMode.Copy : Releases.LinkMode.HardLink;
        StoreWriter store = new(Layout, trees, Cache, mode, BuildLog);
        HostEnvironment host = Host;
        ReleaseAssembler assembler = new(Layout, store, new ProcessRunner(host), host, BuildLog);
        Release = await assembler.AssembleAsync(description, requests, Verify, cancellation);
    }

    private void WarnOfDirectories()
    {
        IReadOnlyList<ComponentReference> references = ReadDescription().References;
        foreach (Problem warning in DevelopedComponent.CheckUse(references, ReadDeveloped(references, []), Configuration, locked: false, ProjectFile))
        {
            BuildLog.Warn(warning);
        }
    }
}
