using Lava.Build.Platform;

namespace Lava.Build.Tests.Platform;

[TestClass]
public sealed class HashingTests
{
    // FIPS 180-4's own examples, and the empty text.
    [TestMethod]
    [DataRow("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")]
    [DataRow("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")]
    [DataRow("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1")]
    public async Task Digests_are_SHA256_in_lower_case(string text, string digest)
    {
        using TemporaryDirectory directory = new();
        string path = Path.Combine(directory.Path, "file");
        await File.WriteAllTextAsync(path, text);
        Assert.AreEqual(digest, Hashing.OfText(text));
        Assert.AreEqual(digest, Hashing.OfFile(path, CancellationToken.None));
    }

    [TestMethod]
    public void Hashing_a_file_can_be_cancelled() =>
        Assert.Throws<OperationCanceledException>(
            () => Hashing.OfFile(typeof(HashingTests).Assembly.Location, new CancellationToken(canceled: true)));

    [TestMethod]
    [DataRow("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", true)]
    [DataRow("E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855", true)]
    [DataRow("", false)]
    [DataRow("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b85", false)]
    [DataRow("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b85\n", false)]
    [DataRow("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b85٣", false)]
    public void A_digest_is_told_from_other_text(string text, bool digest) => Assert.AreEqual(digest, Hashing.IsDigest(text));
}
