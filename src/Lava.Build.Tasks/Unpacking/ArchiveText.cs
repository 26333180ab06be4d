using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Lava.Build.Unpacking;

/// <summary>Texts out of archives and files, which may be anything.</summary>
internal static class ArchiveText
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Decodes UTF-8; false if it is not valid.</summary>
    internal static bool TryDecode(ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out string? text)
    {
        try
        {
            text = Strict.GetString(bytes);
            return true;
        }
        catch (DecoderFallbackException)
        {
            text = null;
            return false;
        }
    }

    /// <summary>Whether there is a control character in it: C0 with NUL and newline, DEL, or C1.</summary>
    internal static bool HasControl(ReadOnlySpan<char> text)
    {
        foreach (char character in text)
        {
            if (char.IsControl(character))
            {
                return true;
            }
        }

        return false;
    }
}
