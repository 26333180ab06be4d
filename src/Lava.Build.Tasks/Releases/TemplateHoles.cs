using Lava.Build.Diagnostics;

namespace Lava.Build.Releases;

/// <summary>
/// What fills the holes of a template, by name. <c>X.nginx</c> and <c>X.apache</c> are the text of <c>X</c> as it is written between
/// double quotes in a configuration file of that server; see <see cref="QuotedText"/>.
/// </summary>
internal sealed class TemplateHoles
{
    /// <summary>The instance's absolute directory; only files of the instance's own may name it.</summary>
    internal const string InstanceRoot = "InstanceRoot";

    private readonly IReadOnlyDictionary<string, string> _values;
    private readonly string? _placeOfRelease;

    private TemplateHoles(IReadOnlyDictionary<string, string> values, string? placeOfRelease)
    {
        _values = values;
        _placeOfRelease = placeOfRelease;
    }

    /// <summary>The names there are, for suggestions.</summary>
    internal IReadOnlyCollection<string> Names => [.. _values.Keys];

    /// <summary>Those of a file of a release, which is the same in every place.</summary>
    /// <param name="values">What does not depend on the place.</param>
    /// <param name="destination">The file, relative to the release.</param>
    internal static TemplateHoles OfRelease(IReadOnlyDictionary<string, string> values, string destination) => new(values, destination);

    /// <summary>Those of a file of the instance's own.</summary>
    /// <param name="values">What does not depend on the place; a value named <see cref="InstanceRoot"/> wins.</param>
    /// <param name="root">The instance's absolute directory.</param>
    internal static TemplateHoles OfInstance(IReadOnlyDictionary<string, string> values, string root)
    {
        Dictionary<string, string> all = new(values, StringComparer.Ordinal);
        all.TryAdd(InstanceRoot, root);
        return new TemplateHoles(all, null);
    }

    /// <summary>The text of a hole, or null if there is no such name.</summary>
    /// <exception cref="LavaException">A release cannot know its place (LAVA5050), or the text cannot be quoted (LAVA5051).</exception>
    internal string? Find(string name)
    {
        if (_values.TryGetValue(name, out string? text))
        {
            return text;
        }

        int dot = name.LastIndexOf('.');
        if (dot >= 0)
        {
            return QuotedText.For(name[(dot + 1)..]) is { } quote && Find(name[..dot]) is { } plain ? quote(plain) : null;
        }

        return name == InstanceRoot && _placeOfRelease is not null
            ? throw Problem.Error(Strings.ReleaseHasNoPlace, SourceLocation.None, _placeOfRelease).ToException()
            : null;
    }
}
