package dev.swiftdeploy.adapters.policy;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class PackedPolicyTest {
  private final PolicyBundle policy =
      ((PolicyBundle.Good) PolicyBundle.read(Path.of("../../policies").toAbsolutePath())).bundle();

  @Test
  void a_policy_comes_back_as_it_was_packed() {
    byte[] packed = PackedPolicy.pack(policy);
    PolicyBundle back = PackedPolicy.unpack(packed).orElseThrow();
    assertThat(back.digest()).isEqualTo(policy.digest());
    assertThat(back.files().keySet()).isEqualTo(policy.files().keySet());
    back.files().forEach((name, bytes) -> assertThat(bytes).isEqualTo(policy.files().get(name)));
    assertThat(PackedPolicy.pack(back)).isEqualTo(packed);
    int plain = policy.files().values().stream().mapToInt(bytes -> bytes.length).sum();
    assertThat(packed.length).isLessThan(plain / 2);
  }

  @Test
  void what_is_damaged_is_no_policy() {
    byte[] packed = PackedPolicy.pack(policy);
    for (int at = 0; at < packed.length; at += packed.length / 500) {
      byte[] changed = packed.clone();
      changed[at] ^= 0x20;
      assertThat(PackedPolicy.unpack(changed))
          .satisfiesAnyOf( // a field of the file's directory may differ, never what is unpacked
              none -> assertThat(none).isEmpty(),
              same -> assertThat(same.orElseThrow().digest()).isEqualTo(policy.digest()));
    }
    assertThat(PackedPolicy.unpack(Arrays.copyOf(packed, packed.length / 2))).isEmpty();
    assertThat(PackedPolicy.unpack(new byte[0])).isEmpty();
  }
}
