using System.Globalization;
using System.Text;
using Lava.Build.Components;
using Lava.Build.Databases;
using Lava.Build.Diagnostics;
using Lava.Build.Platform;
using Lava.Build.Python;
using Lava.Build.Services;

namespace Lava.Build.Releases;

/// <summary>A release before it is written: what is in it, and so what it is called.</summary>
public sealed record ReleaseContents
{
    private const int NameDigits = 8;

    /// <summary>Directories, and links into the store.</summary>
    public required ReleasePlan Plan { get; init; }

    /// <summary>Everything that no component supplies, sorted by path.</summary>
    public required IReadOnlyList<GeneratedFile> Generated { get; init; }

    /// <summary>Whether it needs the host's Python.</summary>
    public required bool UsesPython { get; init; }

    /// <summary>SHA-256 over everything that went in.</summary>
    public required string Digest { get; init; }

    /// <summary>The release's name: <c>revision+digest8</c>.</summary>
    public required string Name { get; init; }

    /// <summary>What is odd but harmless.</summary>
    public required IReadOnlyList<Problem> Warnings { get; init; }

    /// <summary>Works out what is in a release.</summary>
    /// <param name="description">What it is to be.</param>
    /// <param name="trees">Its trees.</param>
    /// <param name="templates">The texts of the templates, by file.</param>
    /// <exception cref="LavaException">Components conflict, or a template has an unknown hole.</exception>
    public static ReleaseContents Build(
        ReleaseDescription description, IReadOnlyList<ReleaseTree> trees, IReadOnlyDictionary<string, string> templates)
    {
        LocalTree[] locals =
        [
            .. description.Components
                .Where(component => component.LocalDirectory is not null)
                .Select(component => new LocalTree(
                    component.Name, component.LocalPath!, component.LocalDirectory!, component.Pinned.Reference.Location)
                {
                    Overrides = MetadataList.Split(component.Pinned.Reference["Overrides"]).ToHashSet(StringComparer.Ordinal),
                }),
        ];
        MergedView view = MergedView.Build(trees, locals);
        bool usesPython = PythonFiles.AreNeeded(description, trees);
        GeneratedFile[] launchers = [.. Launchers.For(description, view, trees)];
        string[] components = [.. description.Components.Select(component => component.Name)];
        List<GeneratedFile> generated = [.. DatabaseFiles.For(description.Parts.Database, components, description.Instance), .. launchers];

        // After the launchers: no program of a component may stand where shells look for the way in.
        generated.AddRange(ActivationScripts.All(description.Instance).Select(script => GeneratedFile.Text($"bin/{script.Key}", script.Value)));
        if (usesPython)
        {
            generated.AddRange(PythonFiles.For(description, view, trees));
        }

        generated.AddRange(ServiceFiles.For(description.Instance, description.Parts, PartFiles.Values(description)));
        string[] own = [.. generated.Except(launchers).Select(file => file.Path), ReleaseRecord.FileName, ReleaseRecord.ManifestName];
        generated.AddRange(PartFiles.For(description, templates));
        GeneratedFile[] files = [.. LastOfEach(generated).OrderBy(file => file.Path, StringComparer.Ordinal)];
        CheckPlaces(files);
        HashSet<string> reserved = [.. files.Select(file => file.Path), ReleaseRecord.FileName, ReleaseRecord.ManifestName];
        if (usesPython)
        {
            // Else a component's __pycache__ would be a link into the store, and what is compiled here would land there.
            reserved.UnionWith(files
                .Where(file => file.LinkText is null && PythonCompiler.IsModule(file.Path))
                .Select(file => PythonCompiler.CompiledPath(file.Path, description.Python!.CacheTag))
                .ToArray());
        }

        ReleasePlan plan = ReleasePlanner.Plan(view, reserved);
        string digest = DigestOf(description, files);
        return new ReleaseContents
        {
            Plan = plan,
            Generated = files,
            UsesPython = usesPython,
            Warnings = [.. view.Warnings, .. Hidden(view, trees, own)],
            Digest = digest,
            Name = $"{PathText.Version(description.Revision)}+{digest[..NameDigits]}",
        };
    }

    // A launcher is no such case: it leads to the component's program whose place it takes.
    private static IEnumerable<Problem> Hidden(MergedView view, IReadOnlyList<ReleaseTree> trees, string[] own)
    {
        foreach (string path in own)
        {
            if (view.Find(path) is { Tree: >= 0 } file)
            {
                ReleaseTree tree = trees[file.Tree];
                yield return Problem.Warning(Strings.HiddenByGenerated, tree.Location, tree.Component, path);
            }
        }
    }

    // What the project says comes last and wins over what is generated for every instance.
    private static IEnumerable<GeneratedFile> LastOfEach(List<GeneratedFile> generated) =>
        generated.GroupBy(file => file.Path, StringComparer.Ordinal).Select(group => group.Last());

    // The planner takes it for granted that nothing is generated below a file, and the records are written last.
    private static void CheckPlaces(GeneratedFile[] files)
    {
        string[] records = [ReleaseRecord.FileName, ReleaseRecord.ManifestName];
        HashSet<string> places = [.. files.Select(file => file.Path), .. records];
        List<Problem> problems = [];
        foreach (string path in files.Select(file => file.Path))
        {
            string? other = records.Contains(path) ? path : Parents(path).FirstOrDefault(places.Contains);
            if (other is not null)
            {
                problems.Add(Problem.Error(Strings.GeneratedTwice, SourceLocation.None, path, other));
            }
        }

        if (problems.Count > 0)
        {
            throw new LavaException(problems);
        }
    }

    private static IEnumerable<string> Parents(string path)
    {
        for (int end = path.IndexOf('/'); end >= 0; end = path.IndexOf('/', end + 1))
        {
            yield return path[..end];
        }
    }

    // A list says the same in any order and however it is broken into lines.
    private static string Sorted(string list) => string.Join(';', MetadataList.Split(list).Order(StringComparer.Ordinal));

    private static string DigestOf(ReleaseDescription description, GeneratedFile[] files)
    {
        StringBuilder text = new();
        void Line(string key, string? value) => text.Append(key).Append(' ').Append(value).Append('\n');
        Line("format", ReleaseRecord.FormatVersion.ToString(CultureInfo.InvariantCulture));
        Line("instance", description.Instance);
        Line("configuration", description.Configuration);
        foreach (ReleaseComponent component in description.Components.OrderBy(component => component.Name, StringComparer.Ordinal))
        {
            Line("component", component.Name);
            Line(" source", component.Pinned.Pin.Source);
            Line(" version", component.Pinned.Pin.Version);
            Line(" archive", component.Pinned.Pin.Sha256);
            Line(" tree", component.TreeDigest ?? $"{component.LocalPath} {component.LocalText}");
            if (component.IsDeveloped)
            {
                Line(" developed", component.LocalText);
            }

            Line(" overrides", Sorted(component.Pinned.Reference["Overrides"]));
            Line(" exclude", Sorted(component.Pinned.Reference["Excludes"]));
        }

        foreach (GeneratedFile file in files)
        {
            Line("file", file.Path);
            Line(" mode", Convert.ToString((int)file.Mode, 8));
            Line(" content", file.LinkText ?? Hashing.OfText(file.Content!));
        }

        foreach (CommandPart command in description.Parts.Commands)
        {
            Line("command", command.Name);
            Line(" line", Hashing.OfText(command.Command));
            foreach ((string name, string value) in command.Environment.OrderBy(pair => pair.Key, StringComparer.Ordinal))
            {
                Line(" variable", $"{name} {Hashing.OfText(value)}");
            }
        }

        return Hashing.OfText(text.ToString());
    }
}
