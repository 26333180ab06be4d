using Lava.Build.Components;
using Lava.Build.Databases;
using Lava.Build.Diagnostics;
using Lava.Build.Instances;
using Lava.Build.Platform;
using Lava.Build.Unpacking;

namespace Lava.Build.Releases;

/// <summary>The files that the parts of a project give a release or an instance (templates and links).</summary>
public static class PartFiles
{
    /// <summary>What templates and links give the release.</summary>
    public static IEnumerable<GeneratedFile> For(ReleaseDescription description, IReadOnlyDictionary<string, string> templates)
    {
        foreach ((TemplatePart part, string destination) in Placed(description).Where(placed => !InstanceParts.IsOwn(placed.Destination)))
        {
            // A release is immutable, so nobody may write its files, whatever their template says.
            UnixFileMode mode = part.Mode & ~(UnixFileMode.UserWrite | UnixFileMode.GroupWrite | UnixFileMode.OtherWrite);
            yield return new GeneratedFile(destination, Fill(part, TemplateHoles.OfRelease(Values(description), destination), templates), null, mode);
        }

        foreach (LinkPart part in description.Parts.Links.Where(part => !InstanceParts.IsOwn(part.Path)))
        {
            string text = InstanceParts.IsOwn(part.Target)
                ? RelativePath.Between($"code/release/{part.Path}", part.Target)
                : RelativePath.Between(part.Path, part.Target);
            yield return GeneratedFile.Link(part.Path, text);
        }
    }

    /// <summary>
    /// What templates, and the database where none does, give the instance's own directories. They may name its place, so they are no
    /// part of a release.
    /// </summary>
    /// <param name="description">What the release is.</param>
    /// <param name="templates">The texts of the templates, by file.</param>
    /// <param name="layout">The instance.</param>
    /// <exception cref="LavaException">A hole is unknown (LAVA4020), or its text cannot be written there (LAVA5051).</exception>
    public static IReadOnlyList<ConfigurationFile> Configuration(
        ReleaseDescription description, IReadOnlyDictionary<string, string> templates, InstanceLayout layout)
    {
        TemplateHoles holes = TemplateHoles.OfInstance(Values(description), layout.Root);
        ConfigurationFile[] files =
        [
            .. Placed(description)
                .Where(placed => InstanceParts.IsOwn(placed.Destination))
                .Select(placed => new ConfigurationFile(placed.Destination, Fill(placed.Part, holes, templates), placed.Part.Mode)),
        ];
        return [.. DatabaseFiles.Configuration(description.Parts.Database).ExceptBy(files.Select(file => file.Path), file => file.Path), .. files];
    }

    /// <summary>The texts of all templates, by file.</summary>
    /// <exception cref="LavaException">One is no UTF-8 (LAVA4022); read leniently, it would be damaged without a word.</exception>
    public static async Task<IReadOnlyDictionary<string, string>> ReadTemplatesAsync(InstanceParts parts, CancellationToken cancellation)
    {
        Dictionary<string, string> texts = new(StringComparer.Ordinal);
        List<Problem> problems = [];
        foreach (TemplatePart part in parts.Templates.DistinctBy(part => part.File))
        {
            if (ArchiveText.TryDecode(await File.ReadAllBytesAsync(part.File, cancellation), out string? text))
            {
                texts[part.File] = text;
            }
            else
            {
                problems.Add(Problem.Error(Strings.TemplateNotText, part.Location, part.File));
            }
        }

        return problems.Count == 0 ? texts : throw new LavaException(problems);
    }

    /// <summary>What the holes of templates and services are filled with, where that does not depend on the place.</summary>
    internal static Dictionary<string, string> Values(ReleaseDescription description)
    {
        Dictionary<string, string> values = new(description.Parts.Values, StringComparer.Ordinal);
        values.TryAdd("Instance", description.Instance);
        values.TryAdd("Revision", description.Revision);
        values.TryAdd("Configuration", description.Configuration);
        if (description.Python is { } python)
        {
            values.TryAdd("PythonVersion", python.ShortVersion);
            values.TryAdd("SitePackages", python.SitePackages);
        }

        return values;
    }

    // A destination may have holes too; what they were filled with must not lead out of where it goes.
    private static IEnumerable<(TemplatePart Part, string Destination)> Placed(ReleaseDescription description)
    {
        Dictionary<string, string> values = Values(description);
        foreach (TemplatePart part in description.Parts.Templates)
        {
            string destination = TextTemplate.Fill(part.Destination, values.GetValueOrDefault, part.Location.File ?? part.File, values.Keys);
            yield return RelativePath.IsInside(destination)
                ? (part, destination)
                : throw Problem.Error(Strings.PathLeavesProject, part.Location, "Destination", destination, part.File, "the instance").ToException();
        }
    }

    private static string Fill(TemplatePart part, TemplateHoles holes, IReadOnlyDictionary<string, string> templates) =>
        TextTemplate.Fill(templates[part.File], holes.Find, part.File, holes.Names);
}
