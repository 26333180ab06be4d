using Lava.Build.Cache;
using Lava.Build.Components;
using Lava.Build.Diagnostics;
using Lava.Build.Instances;
using Lava.Build.Platform;
using Lava.Build.Unpacking;

namespace Lava.Build.Releases;

/// <summary>From pinned components to a release that stands beside the others. Touches neither the network nor <c>current</c>.</summary>
public sealed class ReleaseAssembler(
    InstanceLayout layout, StoreWriter store, ProcessRunner processes, HostEnvironment host, IBuildLog log)
{
    /// <summary>Assembles the release if it does not stand yet, or not as it should.</summary>
    /// <param name="description">What it is to be.</param>
    /// <param name="requests">The tree of each component that has one, by component name.</param>
    /// <param name="verify">Whether to look at every byte of what stands already, in the cache too.</param>
    /// <param name="cancellation">Ends the work and leaves everything as it was.</param>
    /// <returns>The release's name.</returns>
    public async Task<string> AssembleAsync(
        ReleaseDescription description, IReadOnlyDictionary<string, TreeRequest> requests, bool verify, CancellationToken cancellation)
    {
        IReadOnlyDictionary<string, string> templates = await PartFiles.ReadTemplatesAsync(description.Parts, cancellation);
        using FileLock held = await InstanceLock.AcquireAsync(layout, "assembling a release", log, cancellation);
        ReleaseComponent[] unpacked = [.. description.Components.Where(component => component.StoreName is not null)];
        // What a command does to a tree can be told only of one that was whole before.
        InspectionDepth depth = verify ? InspectionDepth.Content
            : description.Parts.Commands.Count > 0 ? InspectionDepth.Entries
            : InspectionDepth.Manifest;
        ReleaseWriter writer = new(layout, processes, host, log);
        if (writer.WasInterrupted())
        {
            store.CheckAll(cancellation);
        }

        IReadOnlyList<TreeManifest> manifests = await store.EnsureAsync(
            [.. unpacked.Select(component => (requests[component.Name], component.StoreName!))], depth, cancellation);
        ReleaseTree[] trees = [.. unpacked.Zip(manifests, ToTree)];
        ReleaseContents contents = ReleaseContents.Build(description, trees, templates);
        await MakeInstanceAsync(description, templates, cancellation);
        await writer.WriteAsync(description, contents, trees, verify, cancellation);
        Report(contents, description);
        return contents.Name;
    }

    private static ReleaseTree ToTree(ReleaseComponent component, TreeManifest manifest)
    {
        ComponentReference reference = component.Pinned.Reference;
        return new ReleaseTree
        {
            Component = component.Name,
            StoreName = component.StoreName!,
            Manifest = manifest,
            Overrides = MetadataList.Split(reference["Overrides"]).ToHashSet(StringComparer.Ordinal),
            Excludes = [.. MetadataList.Split(reference["Excludes"]).Select(path => path.TrimEnd('/'))],
            Location = reference.Location,
        };
    }

    // Commands of the release may need the instance's own files. Those that exist change only with the switch.
    private async Task MakeInstanceAsync(
        ReleaseDescription description, IReadOnlyDictionary<string, string> templates, CancellationToken cancellation)
    {
        InstanceFiles files = new(layout, log);
        files.MakeDirectories(description.Parts.Directories);
        files.MakeSecrets(description.Parts.Secrets, cancellation);
        await new ConfigurationFiles(layout, log).WriteMissingAsync(PartFiles.Configuration(description, templates, layout), cancellation);
    }

    private void Report(ReleaseContents contents, ReleaseDescription description)
    {
        foreach (Problem warning in contents.Warnings)
        {
            log.Warn(warning);
        }

        foreach (DanglingLink link in contents.Plan.Dangling)
        {
            SourceLocation location = description.Components.First(component => component.Name == link.Component).Pinned.Reference.Location;
            log.Warn(Problem.Warning(
                Strings.DanglingLinkFound, location, link.Component, link.Path, link.Target ?? "itself", Suppliers.Hint(link)));
        }
    }
}
