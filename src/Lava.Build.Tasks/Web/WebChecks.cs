using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using Lava.Build.Components;
using Lava.Build.Diagnostics;

namespace Lava.Build.Web;

/// <summary>
/// Everything about a web site that can be checked when it is described. Names, locations and ports stand in configuration files
/// as they are, so nothing passes here that would mean something else there.
/// </summary>
public static partial class WebChecks
{
    private const int LastPort = 65_535;
    private static readonly string[] Known = ["nginx", "apache2", "none"];

    /// <summary>All problems of <paramref name="site"/>.</summary>
    public static IReadOnlyList<Problem> Check(WebSite site, string projectFile)
    {
        SourceLocation location = new(projectFile);
        List<Problem> problems = [];
        void Bad(string property, string value, string cure) => problems.Add(Problem.Error(Strings.BadProperty, location, property, value, cure));
        foreach (string server in site.Servers.Where(server => !Known.Contains(server, StringComparer.Ordinal)))
        {
            Bad("LavaWebServers", server, "Use nginx, apache2, both with ';' between them, or none.");
        }

        foreach (string name in site.HostNames.Where(name => !HostPattern().IsMatch(name)))
        {
            Bad("LavaHostName", name, HostCure(name));
        }

        if (site.HostNames.Count == 0)
        {
            Bad("LavaHostName", "", "Give the name that people type into their browsers.");
        }

        if (site.Location.Length > 0 && !LocationPattern().IsMatch(site.Location))
        {
            Bad("LavaWebLocation", site.Location, "Start it with '/', use letters, digits, '_' and '-' between slashes, and end it without one, as in /lab; leave it empty for a virtual host.");
        }

        if (!IPAddress.TryParse(site.Bind, out _) && !HostPattern().IsMatch(site.Bind))
        {
            Bad("LavaBind", site.Bind, "Give an address of this machine, such as 127.0.0.1, ::1 or 0.0.0.0.");
        }

        problems.AddRange(PropertyChecks.CheckSwitches([("LavaWebTls", site.Tls)], projectFile));
        problems.AddRange(PropertyChecks.CheckNumbers(
            [
                ("LavaWebPort", site.Port, 1, LastPort),
                ("LavaWebTlsPort", site.TlsPort, 1, LastPort),
                ("LavaPort", site.ApplicationPort, 1, LastPort),
                ("LavaPublisherPort", site.PublisherPort, 1, LastPort),
            ],
            projectFile));
        CheckTls(site, location, problems);
        return problems;
    }

    private static void CheckTls(WebSite site, SourceLocation location, List<Problem> problems)
    {
        bool both = site.Certificate.Length > 0 && site.Key.Length > 0;
        if (!both && site.Certificate.Length + site.Key.Length > 0)
        {
            (string given, string missing) = site.Key.Length == 0 ? ("LavaTlsCertificate", "LavaTlsKey") : ("LavaTlsKey", "LavaTlsCertificate");
            problems.Add(Problem.Error(Strings.TlsNeedsBoth, location, given, missing));
        }

        foreach ((string property, string file) in (IEnumerable<(string, string)>)[("LavaTlsCertificate", site.Certificate), ("LavaTlsKey", site.Key)])
        {
            if (file.Length > 0 && !MayBeFile(file))
            {
                problems.Add(Problem.Error(Strings.TlsFileMissing, location, property, file));
            }
        }

        if (both && site.Location.Length > 0)
        {
            problems.Add(Problem.Error(Strings.TlsOfLocation, location, site.Location));
        }

        if (both && site.Port == site.TlsPort)
        {
            problems.Add(Problem.Error(Strings.BadProperty, location, "LavaWebTlsPort", site.TlsPort, "Give HTTPS another port than LavaWebPort, or leave both out."));
        }
    }

    // Where only the server may look, as in /etc/letsencrypt, it is the server that finds out.
    private static bool MayBeFile(string path)
    {
        try
        {
            return !File.GetAttributes(path).HasFlag(FileAttributes.Directory);
        }
        catch (UnauthorizedAccessException)
        {
            return true;
        }
        catch (Exception failure) when (failure is IOException or ArgumentException)
        {
            return false;
        }
    }

    private static string HostCure(string name)
    {
        try
        {
            string ascii = new IdnMapping().GetAscii(name);
            if (ascii != name && HostPattern().IsMatch(ascii))
            {
                return $"Browsers ask for it as '{ascii}'; write it so.";
            }
        }
        catch (ArgumentException)
        {
            // No name in any writing.
        }

        return "Give names such as lava.example.org, or IP addresses, without port and wildcard, an IPv6 address in [ and ].";
    }

    // Names as RFC 1123 has them, IPv4 addresses among them.
    [GeneratedRegex(@"\A(?=.{1,253}\z)([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*|\[[0-9A-Fa-f:.]+\])\z")]
    private static partial Regex HostPattern();

    // The application puts it into patterns of its own, so nothing stands in it that means something there.
    [GeneratedRegex(@"\A(/[A-Za-z0-9_-]+)+\z")]
    private static partial Regex LocationPattern();
}
