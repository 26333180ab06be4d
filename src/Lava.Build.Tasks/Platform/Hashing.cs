using System.Buffers;
using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;

namespace Lava.Build.Platform;

/// <summary>SHA-256 as this project writes it: 64 lower-case hexadecimal digits.</summary>
public static class Hashing
{
    private const int BufferSize = 1 << 17;

    /// <summary>
    /// The digest of a file's content; cancellation is looked at between blocks. It blocks, since Linux reads no file asynchronously: .NET
    /// would only use another thread for it.
    /// </summary>
    public static string OfFile(string path, CancellationToken cancellation)
    {
        using SafeFileHandle file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.Read, FileOptions.SequentialScan);
        return OfFile(file, cancellation);
    }

    /// <summary>The digest of an open file's content; cancellation is looked at between blocks.</summary>
    internal static string OfFile(SafeFileHandle file, CancellationToken cancellation)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        byte[] buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        try
        {
            long position = 0;
            int count;
            while ((count = RandomAccess.Read(file, buffer, position)) > 0)
            {
                cancellation.ThrowIfCancellationRequested();
                hash.AppendData(buffer, 0, count);
                position += count;
            }

            return Convert.ToHexStringLower(hash.GetHashAndReset());
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>The digest of a text's UTF-8 bytes.</summary>
    public static string OfText(string text) => Convert.ToHexStringLower(SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(text)));

    /// <summary>Whether <paramref name="text"/> is a digest: 64 hexadecimal digits, of either case.</summary>
    public static bool IsDigest(string text) => text.Length == 64 && text.All(char.IsAsciiHexDigit);
}
