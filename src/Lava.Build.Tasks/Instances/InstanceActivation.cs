using Lava.Build.Components;
using Lava.Build.Diagnostics;
using Lava.Build.Platform;
using Lava.Build.Releases;

namespace Lava.Build.Instances;

/// <summary>Gives an instance what its description says, and makes a release its active one.</summary>
public sealed class InstanceActivation(InstanceLayout layout, IBuildLog log)
{
    /// <summary>Brings configuration and links up to date, then switches.</summary>
    /// <returns>
    /// Whether another release, or none, was active before; and the time of the code directory, in ticks of local time. Whoever builds,
    /// switches or is killed there from now on changes it.
    /// </returns>
    public async Task<(bool Switched, long CodeTime)> ActivateAsync(ReleaseDescription description, string release, CancellationToken cancellation)
    {
        IReadOnlyDictionary<string, string> templates = await PartFiles.ReadTemplatesAsync(description.Parts, cancellation);
        using FileLock held = await InstanceLock.AcquireAsync(layout, "activating a release", log, cancellation);
        // First, so that configuration never goes ahead of a release that cannot follow.
        ReleaseSwitch.Check(layout, release);
        InstanceParts parts = description.Parts;
        LinkPart[] links = [.. parts.Links.Where(part => InstanceParts.IsOwn(part.Path))];
        IReadOnlyList<ConfigurationFile> configuration = PartFiles.Configuration(description, templates, layout);
        InstanceFiles files = new(layout, log);
        files.DeleteLeftovers(
            [.. parts.Secrets.Select(part => part.Path), .. links.Select(part => part.Path), .. configuration.Select(file => file.Path)],
            parts.Directories.Select(part => part.Path));
        files.MakeDirectories(parts.Directories);
        files.MakeSecrets(parts.Secrets, cancellation);
        await new InstanceLinks(layout, log).MakeAsync(links, cancellation);
        await new ConfigurationFiles(layout, log).WriteAsync(configuration, cancellation);
        return (ReleaseSwitch.To(layout, release), Directory.GetLastWriteTime(layout.Code).Ticks);
    }
}
