using Lava.Build.Cache;
using Lava.Build.Components;
using Lava.Build.Instances;
using Lava.Build.Python;
using Lava.Build.Releases;
using Lava.Build.Sources;
using Microsoft.Build.Framework;

namespace Lava.Build.Tasks;

/// <summary>A task that makes or uses a release. Offline: everything it needs is in the cache or the store.</summary>
public abstract class ReleaseTask : TreeTask
{
    /// <summary>The instance's name (<c>LavaInstance</c>).</summary>
    [Required]
    public string Instance { get; set; } = "";

    /// <summary>The instance's directory (<c>LavaInstanceRoot</c>).</summary>
    [Required]
    public string InstanceRoot { get; set; } = "";

    /// <summary>The profile (<c>Configuration</c>).</summary>
    [Required]
    public string Configuration { get; set; } = "";

    /// <summary>The first part of the release's name (<c>LavaRevision</c>); the primary component's version by default.</summary>
    public string Revision { get; set; } = "";

    /// <summary>The component whose version names the release (<c>LavaPrimaryComponent</c>); the first one by default.</summary>
    public string PrimaryComponent { get; set; } = "";

    /// <summary>Where things stand in the instance.</summary>
    protected InstanceLayout Layout => new(Absolute(InstanceRoot));

    /// <summary>What the release is to be.</summary>
    private protected ReleaseDescription Describe(PythonInterpreter? python, TreeCache trees)
    {
        (IReadOnlyList<ComponentReference> references, InstanceParts parts, _) = ReadDescription();
        IReadOnlyList<PinnedComponent> components = ComponentFetcher.Pinned(references, Absolute(LockFile), Architecture);
        IReadOnlyList<DevelopedComponent> developed = ReadDeveloped(references, []);
        PinnedComponent primary = components.FirstOrDefault(component => component.Pin.Name == PrimaryComponent) ?? components[0];
        return new ReleaseDescription
        {
            Instance = Instance,
            Revision = Revision.Length > 0 ? Revision : primary.Pin.Version.Length > 0 ? primary.Pin.Version : "local",
            Configuration = Configuration,
            Components =
            [
                .. components.Select(component =>
                    Describe(component, trees, developed.FirstOrDefault(development => development.Name == component.Pin.Name))),
            ],
            Parts = parts,
            Python = python,
            PythonSetting = Python,
        };
    }

    private ReleaseComponent Describe(PinnedComponent component, TreeCache trees, DevelopedComponent? development)
    {
        ComponentReference reference = component.Reference;
        if (ComponentFetcher.TreeFor(component) is { } tree)
        {
            return new ReleaseComponent(component, trees.DigestOf(tree), development?.Directory, development is null ? null : LocalSource.PlaceOf(reference))
            {
                LocalText = development?.Path ?? "",
                PythonPath = development is null ? [] : development.PythonPath is { Count: > 0 } given ? given : [""],
            };
        }

        string directory = development?.Directory ?? LocalSource.DirectoryOf(reference, TaskEnvironment.ProjectDirectory);
        return new ReleaseComponent(component, null, directory, LocalSource.PrefixOf(reference))
        {
            LocalText = development?.Path ?? reference["Path"],
            PythonPath = development is { PythonPath.Count: > 0 } ? development.PythonPath : LocalSource.PythonPathOf(reference),
        };
    }
}
