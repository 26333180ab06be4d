using System.Globalization;
using System.Text;
using Lava.Build.Diagnostics;

namespace Lava.Build.Unpacking;

/// <summary>Makes the problems of one archive, each with the component, the archive and the member it is about.</summary>
internal sealed class ArchiveFaults(UnpackRequest request)
{
    private const int PrintedLength = 200;

    /// <summary>The archive is truncated or is not what it claims to be.</summary>
    /// <param name="detail">What shows that, without a full stop.</param>
    internal Problem Damaged(string detail) =>
        Problem.Error(Strings.ArchiveDamaged, request.Location, request.Component, request.ArchivePath, detail);

    /// <summary>A member may not be unpacked.</summary>
    /// <param name="resource">The string; its holes are component, archive, <paramref name="member"/> and the rest.</param>
    /// <param name="member">Its name, as it stands in the archive.</param>
    /// <param name="details">What the string has more holes for.</param>
    internal Problem Rejected(string resource, string member, params ReadOnlySpan<object?> details) =>
        Problem.Error(resource, request.Location, [request.Component, request.ArchivePath, Printable(member), .. details]);

    /// <summary>The archive as a whole may not be unpacked.</summary>
    /// <param name="resource">The string; its holes are component, archive and the rest.</param>
    /// <param name="details">What the string has more holes for.</param>
    internal Problem Refused(string resource, params ReadOnlySpan<object?> details) =>
        Problem.Error(resource, request.Location, [request.Component, request.ArchivePath, .. details]);

    /// <summary>Text of an archive as it may be shown: nothing in it can steer a terminal or break the line.</summary>
    internal static string Printable(string text)
    {
        StringBuilder shown = new();
        foreach (char character in text)
        {
            if (shown.Length >= PrintedLength)
            {
                return shown.Append('…').ToString();
            }

            if (char.IsControl(character))
            {
                shown.Append(CultureInfo.InvariantCulture, $"\\x{(int)character:x2}");
            }
            else
            {
                shown.Append(character);
            }
        }

        return shown.ToString();
    }
}
