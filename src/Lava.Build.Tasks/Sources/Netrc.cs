using System.Text;
using Lava.Build.Platform;

namespace Lava.Build.Sources;

/// <summary>
/// User names and passwords by host, from the file that <c>$NETRC</c> names or <c>~/.netrc</c>, in the format of ftp(1) as curl
/// reads it. Its <c>default</c> entry is not used: a project must not be able to send it wherever it likes.
/// </summary>
internal sealed class Netrc
{
    private readonly Dictionary<string, (string Login, string Password)> _machines;

    private Netrc(Dictionary<string, (string Login, string Password)> machines) => _machines = machines;

    /// <summary>Reads the user's file; one that is missing or unreadable is empty.</summary>
    internal static Netrc OfUser(HostEnvironment host)
    {
        string? path = host["NETRC"] is { Length: > 0 } named ? Path.GetFullPath(named, host.Directory)
            : host["HOME"] is { Length: > 0 } home ? Path.Combine(home, ".netrc")
            : null;
        try
        {
            return Parse(path is not null && File.Exists(path) ? File.ReadAllText(path) : "");
        }
        catch (Exception failure) when (failure is UnauthorizedAccessException or IOException)
        {
            return Parse("");
        }
    }

    /// <summary>Reads the text of such a file; words it does not know are passed over.</summary>
    internal static Netrc Parse(string text)
    {
        Dictionary<string, (string Login, string Password)> machines = new(StringComparer.OrdinalIgnoreCase);
        Queue<string> words = new(Words(text));
        string? machine = null;
        while (words.TryDequeue(out string? word))
        {
            switch (word)
            {
                case "machine" when words.TryDequeue(out string? name):
                    machine = machines.TryAdd(name, ("", "")) ? name : null;
                    break;
                case "default":
                    machine = null;
                    break;
                case "login" when words.TryDequeue(out string? login) && machine is not null:
                    machines[machine] = machines[machine] with { Login = login };
                    break;
                case "password" when words.TryDequeue(out string? password) && machine is not null:
                    machines[machine] = machines[machine] with { Password = password };
                    break;
                case "account":
                    words.TryDequeue(out _);
                    break;
            }
        }

        return new Netrc(machines);
    }

    /// <summary>The parameter of a Basic Authorization header (RFC 7617) for <paramref name="host"/>, or null.</summary>
    internal string? BasicFor(string host) =>
        _machines.TryGetValue(host, out (string Login, string Password) entry) && entry != ("", "")
            ? Convert.ToBase64String(Encoding.UTF8.GetBytes($"{entry.Login}:{entry.Password}"))
            : null;

    private static IEnumerable<string> Words(string text)
    {
        bool inMacro = false;
        foreach (string line in text.Split('\n'))
        {
            // A macro goes on to the next empty line.
            inMacro &= line.Trim().Length > 0;
            if (inMacro || line.TrimStart().StartsWith('#'))
            {
                continue;
            }

            foreach (string word in LineWords(line))
            {
                if (word == "macdef")
                {
                    inMacro = true;
                    break;
                }

                yield return word;
            }
        }
    }

    private static IEnumerable<string> LineWords(string line)
    {
        int at = 0;
        while (at < line.Length)
        {
            if (char.IsWhiteSpace(line[at]))
            {
                at++;
                continue;
            }

            StringBuilder word = new();
            bool quoted = line[at] == '"';
            at += quoted ? 1 : 0;
            while (at < line.Length && (quoted ? line[at] != '"' : !char.IsWhiteSpace(line[at])))
            {
                at += quoted && line[at] == '\\' && at + 1 < line.Length ? 1 : 0;
                word.Append(line[at++]);
            }

            at += quoted ? 1 : 0;
            yield return word.ToString();
        }
    }
}
