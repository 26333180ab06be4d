using System.Security.Cryptography;

namespace Lava.Build.Platform;

/// <summary>SHA-256 as this project writes it: 64 lower-case hexadecimal digits.</summary>
public static class Hashing
{
    /// <summary>The digest of a file's content.</summary>
    public static async Task<string> OfFileAsync(string path, CancellationToken cancellation)
    {
        await using FileStream stream = new(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1, FileOptions.SequentialScan);
        return Convert.ToHexStringLower(await SHA256.HashDataAsync(stream, cancellation));
    }

    /// <summary>The digest of a text's UTF-8 bytes.</summary>
    public static string OfText(string text) => Convert.ToHexStringLower(SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(text)));

    /// <summary>Whether <paramref name="text"/> is a digest: 64 hexadecimal digits, of either case.</summary>
    public static bool IsDigest(string text) => text.Length == 64 && text.All(char.IsAsciiHexDigit);
}
