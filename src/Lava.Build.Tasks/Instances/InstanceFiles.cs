using System.Security.Cryptography;
using Lava.Build.Components;
using Lava.Build.Diagnostics;
using Lava.Build.Platform;

namespace Lava.Build.Instances;

/// <summary>Makes what an instance itself is given: its directories and secrets. What exists is left as it is.</summary>
public sealed class InstanceFiles(InstanceLayout layout, IBuildLog log)
{
    private const string SecretAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

    /// <summary>Makes <c>etc</c>, <c>run</c>, <c>tmp</c>, <c>var</c> and the directories of <paramref name="parts"/>.</summary>
    public void MakeDirectories(IEnumerable<DirectoryPart> parts)
    {
        foreach (string directory in InstanceParts.OwnDirectories)
        {
            Directory.CreateDirectory(Path.Combine(layout.Root, directory));
        }

        foreach (DirectoryPart part in parts)
        {
            string path = Path.Combine(layout.Root, part.Path);
            if (!Directory.Exists(path))
            {
                Directory.CreateDirectory(path);
                // The umask narrows the mode given at creation; this one is meant.
                File.SetUnixFileMode(path, part.Mode);
            }
        }
    }

    /// <summary>Makes random secrets where they are missing: one line of letters and digits, readable by the owner only.</summary>
    public async Task MakeSecretsAsync(IEnumerable<SecretPart> parts, CancellationToken cancellation)
    {
        foreach (SecretPart part in parts)
        {
            string path = Path.Combine(layout.Root, part.Path);
            if (File.Exists(path))
            {
                continue;
            }

            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            string secret = RandomNumberGenerator.GetString(SecretAlphabet, part.Length);
            await AtomicFile.WriteAsync(path, secret + "\n", AtomicFile.PrivateMode, cancellation);
            log.Detail($"Made the secret {path}");
        }
    }
}
