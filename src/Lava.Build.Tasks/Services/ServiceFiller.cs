using Lava.Build.Diagnostics;
using Lava.Build.Releases;
using Lava.Build.Sources;

namespace Lava.Build.Services;

/// <summary>Fills the holes of what an item says; those of the place stay, for <see cref="RunHoles"/>. Problems are collected.</summary>
internal sealed class ServiceFiller
{
    private readonly Dictionary<string, string> _values;
    private readonly SourceLocation _location;
    private readonly List<Problem> _problems;

    internal ServiceFiller(IReadOnlyDictionary<string, string> values, SourceLocation location, List<Problem> problems)
    {
        _values = new Dictionary<string, string>(values, StringComparer.Ordinal)
        {
            ["InstanceRoot"] = RunHoles.InstanceRootHole,
            ["Release"] = RunHoles.ReleaseHole,
        };
        _location = location;
        _problems = problems;
    }

    internal string Fill(string text)
    {
        try
        {
            return TextTemplate.Fill(text, _values.GetValueOrDefault, _location.File ?? "", _values.Keys);
        }
        catch (LavaException failure)
        {
            // Lines of the text are none of the project.
            _problems.AddRange(failure.Problems.Select(problem => problem with { Location = _location }));
            return text;
        }
    }

    internal IReadOnlyList<string> Fill(IReadOnlyList<string> texts) => [.. texts.Select(Fill)];

    internal IReadOnlyDictionary<string, string> Fill(IReadOnlyDictionary<string, string> texts) =>
        texts.ToDictionary(pair => pair.Key, pair => Fill(pair.Value), StringComparer.Ordinal);

    /// <summary>A URL of http or https, or nothing.</summary>
    internal string FillUrl(string text)
    {
        string url = Fill(text);
        if (url.Length > 0 && !(UrlText.TryParse(url, out Uri? parsed) && UrlText.IsWeb(parsed)))
        {
            _problems.Add(Problem.Error(Strings.BadServiceAddress, _location, url, "a URL such as http://127.0.0.1:8000/"));
        }

        return url;
    }

    /// <summary>What a <see cref="ListenAddress"/> is made of, or nothing.</summary>
    internal string FillPlace(string text)
    {
        string place = Fill(text);
        if (place.Length > 0 && !ListenAddress.IsPlace(place))
        {
            _problems.Add(Problem.Error(
                Strings.BadServiceAddress, _location, place, "host:port such as 127.0.0.1:8000 or [::1]:8000, or the path of a socket in the instance such as run/web.sock"));
        }

        return place;
    }
}
