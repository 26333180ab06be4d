using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Lava.Build.Sources;

/// <summary>URLs as they are taken from users and shown to them.</summary>
internal static partial class UrlText
{
    /// <summary>Takes an absolute http or https URL with a host, or a file URL of this machine.</summary>
    internal static bool TryParse(string text, [NotNullWhen(true)] out Uri? url)
    {
        // Uri trims blanks and takes an absolute path for a file URL; neither is meant.
        if (!HasInvisible(text)
            && !text.Contains(' ')
            && text.Contains(':')
            && !text.StartsWith('/')
            && Uri.TryCreate(text, UriKind.Absolute, out url)
            && (IsWeb(url) ? url.Host.Length > 0 : url.IsFile && !url.IsUnc))
        {
            return true;
        }

        url = null;
        return false;
    }

    /// <summary>Where a Location header (RFC 9110, 10.2.2) leads, if that is another http or https URL with a host.</summary>
    /// <param name="from">What was asked for.</param>
    /// <param name="location">The header's value, which may be anything.</param>
    /// <param name="url">Where it leads.</param>
    internal static bool TryFollow(Uri from, string location, [NotNullWhen(true)] out Uri? url) =>
        Uri.TryCreate(from, Ascii(location), out url) && IsWeb(url) && url.Host.Length > 0;

    /// <summary>Whether there is a control character, direction mark or the like in it. Such a text is no URL, and Uri breaks on some.</summary>
    internal static bool HasInvisible(string text) =>
        text.Any(character => char.GetUnicodeCategory(character) is UnicodeCategory.Control or UnicodeCategory.Format);

    /// <summary>Whether it is fetched over the network.</summary>
    internal static bool IsWeb(Uri url) => url.Scheme == Uri.UriSchemeHttp || url.Scheme == Uri.UriSchemeHttps;

    /// <summary>The URL without user information, query and fragment, which may hold secrets.</summary>
    internal static string Public(Uri url) =>
        url.GetComponents(UriComponents.Scheme | UriComponents.Host | UriComponents.Port | UriComponents.Path, UriFormat.UriEscaped)
        is { Length: > 0 } text ? text : url.Scheme;

    /// <summary>The same for what may not be a URL at all.</summary>
    internal static string Redact(string text) => SecretPattern().Replace(text, "$1");

    /// <summary>Whether both are asked of one server: scheme, host and port.</summary>
    internal static bool SameOrigin(Uri one, Uri other) =>
        Uri.Compare(one, other, UriComponents.SchemeAndServer, UriFormat.UriEscaped, StringComparison.OrdinalIgnoreCase) == 0;

    /// <summary>What is no visible ASCII, percent-encoded: it belongs in no URL, and Uri breaks on some of it.</summary>
    private static string Ascii(string text) =>
        string.Concat(Encoding.UTF8.GetBytes(text).Select(value => value is > 0x20 and < 0x7f ? $"{(char)value}" : $"%{value:X2}"));

    [GeneratedRegex(@"(//)[^\s/]*@|[?#].*\z", RegexOptions.Singleline)]
    private static partial Regex SecretPattern();
}
