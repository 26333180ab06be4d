using System.Security.Cryptography.X509Certificates;

namespace Lava.Build.Sdk.Tests;

/// <summary>A certificate that signs itself, made by openssl as an admin would.</summary>
internal sealed class Certificate : IDisposable
{
    private Certificate(X509Certificate2 value) => Value = value;

    public X509Certificate2 Value { get; }

    /// <summary>Writes certificate and key, relative to the project, readable to whom the server runs as.</summary>
    public static async Task<Certificate> MakeAsync(TestProject project, string certificate, string key, params string[] hosts)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(project[certificate])!);
        (await project.RunAsync(
            "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj", $"/CN={hosts[0]}",
            "-addext", $"subjectAltName={string.Join(',', hosts.Select(host => $"DNS:{host}"))}", "-keyout", project[key], "-out", project[certificate])).Succeeds();
        File.SetUnixFileMode(project[key], UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
        return new Certificate(X509CertificateLoader.LoadCertificateFromFile(project[certificate]));
    }

    public void Dispose() => Value.Dispose();
}
